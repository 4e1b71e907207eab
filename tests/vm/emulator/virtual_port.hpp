// A controller's place in the kernel: /dev/vhci, opened once for each (drivers/bluetooth/hci_vhci.c of Linux). The
// adapter is there while this is; closing it is pulling the stick.
#pragma once

#include <cstdint>
#include <optional>

#include "tests/vm/emulator/controller.hpp"

namespace beacon_gateway_vm {

class VirtualPort {
 public:
  VirtualPort();  // throws std::system_error where there is no /dev/vhci
  ~VirtualPort();
  VirtualPort(const VirtualPort&) = delete;
  VirtualPort& operator=(const VirtualPort&) = delete;

  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] int index() const { return index_; }  // N of hciN; -1: not yet told

  // The next H4 packet of the host, without waiting; nothing if there is none.
  [[nodiscard]] std::optional<Octets> read();
  // To the host. An adapter that is down takes nothing: counted as lost.
  void write(const Octets& packet);
  [[nodiscard]] std::uint64_t lost() const { return lost_; }

 private:
  int descriptor_;
  int index_ = -1;
  std::uint64_t lost_ = 0;
};

}  // namespace beacon_gateway_vm
