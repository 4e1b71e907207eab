// What C++ tests send over a wire, written down for the contract: lines `TOPIC HEX`, the payload in hex, which
// tests/contract/validate_witnessed.py reads once all tests are over. Files of one process, in the folder that
// BEACON_GATEWAY_WITNESS names; without it nothing is written:
//   PID-N.broker  all that a run of a broker carried; its last barrier is kEnd
//   PID.bytes     what clients published to ByteBroker, as far as the test read it, and their wills
//   PID.wrong     payloads that a test sent to a gateway wrong on purpose, a line each: the check passes over them
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "tests/fakes/child_process.hpp"

namespace beacon_gateway_test {

[[nodiscard]] std::optional<std::filesystem::path> witness_folder();

// Throws std::runtime_error if it cannot be written.
void witness_published(const std::string& topic, const std::string& payload);
void witness_wrong(const std::string& payload);

// Sees every message that any topic of one run of a broker carries: mosquitto_sub (QoS 1, with a session), which comes
// by a socket in the file system and as the user "witness", so that no limit or rule of the test is for it.
class BrokerWitness {
 public:
  BrokerWitness(const std::filesystem::path& folder, std::filesystem::path socket);

  // Returns when all that the broker took before is in the record. Throws std::runtime_error after a minute.
  void see_the_end();

 private:
  std::filesystem::path socket_;
  std::filesystem::path record_;
  ChildProcess subscriber_;
};

}  // namespace beacon_gateway_test
