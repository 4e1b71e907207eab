// What a test may tell the emulator, one line a datagram, and the answer to each, a line. N is a controller's number.
//
//   plug [N]                                     a new controller, "ok N"; its address follows from N, hciN is the
//   kernel's unplug N                                     it is gone, as a stick that is pulled advertise N ADDRESS
//   random|public KIND EVERY_MS RSSI JITTER DATA [SCAN_RESPONSE]
//                                                KIND connectable, scannable, non-connectable; octets in hexadecimal,
//                                                "-": none
//   silence N ADDRESS | silence N crowd
//   crowd N DEVICES PACKETS_A_SECOND RSSI JITTER NEW_ADDRESSES_EVERY_MS
//   refuse N OPCODE STATUS                       hexadecimal; status 0: no more
//   hang N on|off                                answers no command
//   hardware_error N
//   counts N                                     "ok " and a JSON object
//   sent N                                       what it advertises for its host: "ok " and a JSON list
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "tests/vm/emulator/air.hpp"
#include "tests/vm/emulator/controller.hpp"
#include "tests/vm/emulator/virtual_port.hpp"

namespace beacon_gateway_vm {

struct Plugged {
  std::unique_ptr<VirtualPort> port;
  Controller controller;
  Air air;
};

struct Emulator {
  DuplicateFilter filter = DuplicateFilter::by_address;
  bool extended = false;
  std::map<unsigned, Plugged> controllers;

  // Its number. Without one of its own it takes the lowest that is free.
  unsigned plug(std::optional<unsigned> wanted = std::nullopt);
};

// "ok", "ok VALUE" or "error: what is wrong".
[[nodiscard]] std::string obey(Emulator& emulator, const std::string& line, Instant now);

}  // namespace beacon_gateway_vm
