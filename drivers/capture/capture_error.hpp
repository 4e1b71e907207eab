// What is wrong with a capture, where, and what to do: for the one line that a person reads.
#pragma once

#include <cstdint>
#include <string>

namespace beacon_gateway::capture {

struct CaptureError {
  std::string file;
  std::uint64_t offset = 0;  // octets from the file's start
  std::string text;          // what is wrong, what it means, what to do

  [[nodiscard]] std::string message() const { return file + ": at octet " + std::to_string(offset) + ": " + text; }
};

}  // namespace beacon_gateway::capture
