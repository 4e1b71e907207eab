// Reads the records of one btsnoop capture (see btsnoop_format.hpp), one after another, in bounded memory.
//
// A stream that is no capture is refused by `open`/`from`. A capture that is damaged further on gives every record
// before the damage; then `damage()` says what is wrong. Not thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <istream>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "drivers/capture/btsnoop_format.hpp"
#include "drivers/capture/capture_error.hpp"

namespace beacon_gateway::capture {

struct Record {
  WallTime at{};
  std::uint16_t adapter = 0;  // index; always 0 in an H4 capture
  Opcode opcode = Opcode::other;
  std::span<const std::uint8_t> data;  // of an event: from the event code on. Valid until the reader's next `next`.
};

class BtsnoopReader {
 public:
  [[nodiscard]] static tl::expected<BtsnoopReader, CaptureError> open(const std::filesystem::path& file);
  // From any binary stream; `name` stands for the file in errors.
  [[nodiscard]] static tl::expected<BtsnoopReader, CaptureError> from(std::unique_ptr<std::istream> stream,
                                                                      std::string name);

  // The next record; nothing at the end and at damage.
  [[nodiscard]] std::optional<Record> next();

  [[nodiscard]] const std::optional<CaptureError>& damage() const { return damage_; }

 private:
  BtsnoopReader(std::unique_ptr<std::istream> stream, std::string name);

  [[nodiscard]] CaptureError error_here(std::string text) const { return {name_, offset_, std::move(text)}; }
  [[nodiscard]] std::optional<CaptureError> read_file_header();
  [[nodiscard]] std::size_t read_into(std::span<std::uint8_t> to);
  std::nullopt_t damaged(std::string text);
  [[nodiscard]] Record shaped(std::uint32_t flags, WallTime at) const;

  std::unique_ptr<std::istream> stream_;
  std::string name_;
  Datalink datalink_ = Datalink::monitor;
  std::uint64_t offset_ = 0;  // of the record being read
  std::vector<std::uint8_t> data_;
  std::optional<CaptureError> damage_;
};

}  // namespace beacon_gateway::capture
