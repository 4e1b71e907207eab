// Seals octets so that whoever has the file but not the key reads nothing and changes nothing unseen, and hashes
// pseudonyms so that rows can be found without naming anybody.
//
// AES-256-GCM (NIST SP 800-38D): random 96-bit nonce || ciphertext || 128-bit tag, 28 octets more than went in. The
// column's name and the row's key are associated data: a value that was moved to another row or column does not open.
// An older value of the same row does: a whole file that is put back as it was yesterday is not noticed.
// A key is good for 2^32 seals with random nonces (8.3); every rotation makes a new one. A busy shop of 2 000 visits a
// day, each with ten commits that save up to thirty people who are in, and an event, its cap and its decision with
// each, seals some 660 000 times a day: 17 years. Profiles add their changes: two seals and one a day key each. The
// keyed hash is HMAC-SHA-256 (RFC 2104), cut to its first 128 bits. Belongs to one thread.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace beacon_gateway::sqlite {

// 256 secret bits; wiped when it goes.
class SecretKey {
 public:
  static constexpr std::size_t kSize = 32;
  using Value = std::array<std::uint8_t, kSize>;

  explicit SecretKey(const Value& value) : value_(value) {}
  // Nothing for another number of octets; wipes what it was given.
  [[nodiscard]] static std::optional<SecretKey> from(std::string octets);
  // From the system's random source; throws if it has none.
  [[nodiscard]] static SecretKey random();

  SecretKey(const SecretKey&) = default;
  SecretKey& operator=(const SecretKey&) = default;
  ~SecretKey();

  [[nodiscard]] const std::uint8_t* data() const { return value_.data(); }
  [[nodiscard]] std::string_view octets() const {
    return {reinterpret_cast<const char*>(value_.data()), value_.size()};
  }

 private:
  Value value_;
};

// The key of a row of which several columns are the key: octets as they are, numbers as 8 octets, big-endian.
void append_number(std::string& key, std::int64_t number);
[[nodiscard]] std::string row_key(std::string_view octets, std::initializer_list<std::int64_t> numbers);

class Seal {
 public:
  // Without a data key (recordings and trials) `seal` and `open` leave octets as they are.
  Seal(const std::optional<SecretKey>& data_key, const SecretKey& lookup_key);
  ~Seal();
  Seal(const Seal&) = delete;
  Seal& operator=(const Seal&) = delete;
  Seal(Seal&&) noexcept;
  Seal& operator=(Seal&&) noexcept;

  [[nodiscard]] std::string seal(std::string_view column, std::string_view row, std::string_view plain);
  // Nothing: altered, damaged, from another place or under another key.
  [[nodiscard]] std::optional<std::string> open(std::string_view column, std::string_view row, std::string_view sealed);
  // 16 octets.
  [[nodiscard]] std::string hash(std::string_view text);

 private:
  struct Contexts;
  std::unique_ptr<Contexts> contexts_;
};

}  // namespace beacon_gateway::sqlite
