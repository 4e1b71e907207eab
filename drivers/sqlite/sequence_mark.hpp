// The highest sequence number ever given, in a file of its own beside the store: so that a store whose newest rows are
// lost, or an older copy that was put back, is noticed, and no number that left the gateway is given twice. A folder
// that is put back as a whole is not noticed.
//
// The format is ours: two slots of 512 octets (a sector is written whole or not at all), at 0 and at 4096, written in
// turn; each is a line of text, "beacon-gateway-mark 1 NUMBER DIGEST\n" (digest.hpp, over the first three words),
// filled up with spaces. The higher of those that can be read counts. Belongs to one thread.
//
// A mark that cannot be written is told in the log, once, and fails nothing: the commit it follows has happened.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace beacon_gateway::sqlite {

class SequenceMark {
 public:
  // ":memory:" of the store: no file, and nothing is kept.
  explicit SequenceMark(const std::filesystem::path& store);
  ~SequenceMark();
  SequenceMark(const SequenceMark&) = delete;
  SequenceMark& operator=(const SequenceMark&) = delete;

  // "journey.db" has "journey.mark".
  [[nodiscard]] static std::filesystem::path file_of(const std::filesystem::path& store);

  // What the file said when it was opened. Nothing: there was none, or none that can be read.
  [[nodiscard]] std::optional<std::int64_t> found() const { return found_; }

  // After each commit: survives the end of the process. A number below the newest is passed over.
  void note(std::int64_t sequence);
  // Before a row leaves: survives a power cut. Costs nothing if nothing was noted since.
  void make_durable();

 private:
  void read();
  void fail(const char* doing);

  std::filesystem::path file_;
  int descriptor_ = -1;
  std::optional<std::int64_t> found_;
  std::int64_t newest_ = 0;
  bool second_slot_ = false;  // of the next write
  bool durable_ = true;
  bool failed_ = false;
};

}  // namespace beacon_gateway::sqlite
