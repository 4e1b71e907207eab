#include "drivers/sqlite/store_key.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>

namespace beacon_gateway::sqlite {
namespace {

constexpr std::size_t kMostOctets = 4096;  // a key and a comment: what is longer is no key file
constexpr mode_t kOfOthers = 077;
constexpr mode_t kOwnerReads = 0400;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int operator*() const { return number_; }
  [[nodiscard]] bool good() const { return number_ >= 0; }

 private:
  int number_;
};

// A text that held a key; wiped when it goes.
struct SecretText {
  std::string text;
  SecretText() = default;
  SecretText(const SecretText&) = delete;
  SecretText& operator=(const SecretText&) = delete;
  ~SecretText() { OPENSSL_cleanse(text.data(), text.size()); }
};

tl::unexpected<std::string> fault(const std::filesystem::path& file, std::string_view what) {
  return tl::unexpected(fmt::format("{}: {}", file.string(), what));
}
tl::unexpected<std::string> system_fault(const std::filesystem::path& file, std::string_view doing) {
  return fault(file, fmt::format("{}: {}", doing, std::strerror(errno)));
}

std::optional<std::uint8_t> hex_digit(char c) {
  constexpr std::uint8_t kTen = 10;
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + kTen);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + kTen);
  return std::nullopt;
}

std::optional<StoreKey> key_from_hex(std::string_view digits) {
  if (digits.size() != 2 * StoreKey::kSize) return std::nullopt;
  StoreKey::Value octets{};
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const auto high = hex_digit(digits[2 * i]);
    const auto low = hex_digit(digits[2 * i + 1]);
    if (!high || !low) return std::nullopt;
    octets[i] = static_cast<std::uint8_t>(*high << 4U | *low);
  }
  StoreKey key{octets};
  OPENSSL_cleanse(octets.data(), octets.size());
  return key;
}

// The one line that is neither empty nor a comment.
std::optional<StoreKey> key_from_text(std::string_view text) {
  std::optional<StoreKey> key;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.empty() || line.starts_with('#')) continue;
    if (key) return std::nullopt;  // two keys: which one?
    key = key_from_hex(line);
    if (!key) return std::nullopt;
  }
  return key;
}

tl::expected<StoreKey, std::string> read_key(const std::filesystem::path& file, bool judge_mode) {
  const Descriptor descriptor{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!descriptor.good()) return system_fault(file, "the store's key cannot be read");
  struct stat facts{};
  if (::fstat(*descriptor, &facts) != 0) return system_fault(file, "the store's key cannot be read");
  if (judge_mode && (facts.st_mode & kOfOthers) != 0)
    return fault(file, fmt::format("others than its owner may read the store's key: chmod 0400 '{}'; if it lay so on a "
                                   "shared machine, make a new one",
                                   file.string()));
  SecretText content;
  content.text.resize(kMostOctets);
  const ssize_t size = ::read(*descriptor, content.text.data(), content.text.size());
  if (size < 0) return system_fault(file, "the store's key cannot be read");
  auto key = key_from_text(std::string_view{content.text}.substr(0, static_cast<std::size_t>(size)));
  if (!key)
    return fault(file, "is no store key (one line of 64 hex digits): `beacon-gateway key create FILE` makes one");
  return *std::move(key);
}

std::optional<std::filesystem::path> credential(const char* name) {
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  if (directory == nullptr || *directory == '\0') return std::nullopt;
  const auto file = std::filesystem::path{directory} / name;
  std::error_code ignored;  // what cannot be asked about is not there
  return std::filesystem::exists(file, ignored) ? std::optional{file} : std::nullopt;
}

// Nothing: neither file nor credential.
tl::expected<std::optional<StoreKey>, std::string> find_key(const std::optional<std::filesystem::path>& file,
                                                            const char* credential_name) {
  if (file) return read_key(*file, true);
  if (const auto given = credential(credential_name)) return read_key(*given, false);
  return std::nullopt;
}

// A new file's name is on disk only once its folder is.
bool sync_folder_of(const std::filesystem::path& file) {
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path{"."};
  const Descriptor descriptor{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  return descriptor.good() && ::fsync(*descriptor) == 0;
}

bool write_key(int descriptor, const StoreKey& key) {
  constexpr char kDigits[] = "0123456789abcdef";
  SecretText content;
  content.text = "# Seals the stores of beacon-gateway. Whoever has it reads them; without it they are lost.\n";
  content.text.reserve(content.text.size() + 2 * StoreKey::kSize + 1);  // never moved: no copy is left behind
  for (const char octet : key.octets()) {
    const auto bits = static_cast<std::uint8_t>(octet);
    content.text += kDigits[bits >> 4U];
    content.text += kDigits[bits & 0x0FU];
  }
  content.text += '\n';
  const auto size = static_cast<ssize_t>(content.text.size());
  return ::fchmod(descriptor, kOwnerReads) == 0 &&
         ::write(descriptor, content.text.data(), content.text.size()) == size && ::fsync(descriptor) == 0;
}

}  // namespace

tl::expected<StoreSeal, std::string> find_store_seal(const std::optional<std::filesystem::path>& key_file,
                                                     const std::optional<std::filesystem::path>& previous_key_file) {
  auto key = find_key(key_file, "store-key");
  if (!key) return tl::unexpected(key.error());
  if (!*key)
    return tl::unexpected(
        std::string{"the store has no key: `beacon-gateway key create FILE` makes one; name it in [store] key_file, or "
                    "hand it over "
                    "as the systemd credential store-key"});
  auto previous = find_key(previous_key_file, "store-key-previous");
  if (!previous) return tl::unexpected(previous.error());
  return StoreSeal{*std::move(key), *std::move(previous)};
}

tl::expected<StoreKey, std::string> read_store_key(const std::filesystem::path& file) {
  return read_key(file, true);
}

tl::expected<void, std::string> create_store_key(const std::filesystem::path& file) {
  const StoreKey key = StoreKey::random();
  const Descriptor descriptor{::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerReads)};
  if (!descriptor.good() && errno == EEXIST)
    return fault(file, "is there already: a key is never overwritten, as its store would be lost");
  if (!descriptor.good()) return system_fault(file, "cannot be made");
  if (write_key(*descriptor, key) && sync_folder_of(file)) return {};
  auto told = system_fault(file, "the key could not be written");
  ::unlink(file.c_str());  // half a key is none
  return told;
}

}  // namespace beacon_gateway::sqlite
