// Writes advertisements as a btsnoop capture of BlueZ monitor format (see btsnoop_format.hpp): what `btmon -r` and our
// own reader read. Legacy reports where the data fit into 31 octets, extended ones (in fragments) otherwise.
//
// A capture holds addresses: its file is for its owner alone. Each record reaches a file that `create` made whole, so
// that what a cut leaves can be read; `flush` says whether all did so far. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <ostream>
#include <span>
#include <string>
#include <tl/expected.hpp>

#include "core/advertisement.hpp"
#include "drivers/capture/btsnoop_format.hpp"
#include "drivers/capture/capture_error.hpp"

namespace beacon_gateway::capture {

class BtsnoopWriter {
 public:
  // Never replaces a file.
  [[nodiscard]] static tl::expected<BtsnoopWriter, CaptureError> create(const std::filesystem::path& file);
  // To any binary stream; `name` stands for the file in errors.
  BtsnoopWriter(std::unique_ptr<std::ostream> stream, std::string name);

  // Says which adapter an index is; before its first advertisement.
  void add_adapter(std::uint16_t index, const std::array<std::uint8_t, 6>& address, WallTime at);

  // At the advertisement's own wall time; its scanner is not written, the adapter's index is.
  void write(std::uint16_t adapter, const Advertisement& advertisement);

  [[nodiscard]] tl::expected<void, CaptureError> flush();

 private:
  void write_record(std::uint16_t adapter, Opcode opcode, WallTime at, std::span<const std::uint8_t> data);

  std::unique_ptr<std::ostream> stream_;
  std::string name_;
  std::uint64_t offset_ = 0;
};

}  // namespace beacon_gateway::capture
