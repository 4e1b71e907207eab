// The files by which the gateway and the broker know each other: the authority, our certificate and its key, all PEM.
// They are read and judged as one and then kept in memory, so that what happens to them on disk changes nothing until
// the new ones were found good. Nothing of a key is ever told.
//
// A value that is shared and never changes; any thread. Memory: three files of a few kilobytes.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace beacon_gateway::mqtt {

struct CredentialFiles {
  std::optional<std::filesystem::path> ca;  // absent: the system's authorities
  std::optional<std::filesystem::path> certificate;
  std::optional<std::filesystem::path> key;
};

class Credentials {
 public:
  // What the files say is usable: a certificate in each of the first two, and the key is that of ours. Dates are not
  // judged: a box without the time would not start. Unexpected: which file, what is wrong with it and what to do.
  [[nodiscard]] static tl::expected<std::shared_ptr<const Credentials>, std::string> read(const CredentialFiles& files);

  // For the broker library, which takes only names of files; valid as long as this lives.
  [[nodiscard]] std::optional<std::filesystem::path> ca() const { return path(ca_); }
  [[nodiscard]] std::optional<std::filesystem::path> certificate() const { return path(certificate_); }
  [[nodiscard]] std::optional<std::filesystem::path> key() const { return path(key_); }

  // Of our certificate; absent without one.
  struct Validity {
    std::chrono::sys_seconds from;
    std::chrono::sys_seconds until;
  };
  [[nodiscard]] const std::optional<Validity>& validity() const { return validity_; }
  [[nodiscard]] const std::string& common_name() const { return common_name_; }  // empty: no certificate

  // The same octets in all three.
  [[nodiscard]] bool same_as(const Credentials& other) const { return contents_ == other.contents_; }

 private:
  // A file that exists in memory only.
  class MemoryFile;
  [[nodiscard]] static std::optional<std::filesystem::path> path(const std::shared_ptr<const MemoryFile>& file);

  std::shared_ptr<const MemoryFile> ca_, certificate_, key_;
  std::vector<std::string> contents_;
  std::optional<Validity> validity_;
  std::string common_name_;
};

}  // namespace beacon_gateway::mqtt
