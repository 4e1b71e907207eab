#include "messages/identity_octets.hpp"

#include <algorithm>
#include <concepts>
#include <type_traits>

namespace beacon_gateway {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kStaff = 1;
constexpr std::uint8_t kLargestExponent = 15;  // Eddystone-EID: rotation period 2^K s, K 0..15
constexpr std::uint32_t kSecondsPerDay = 86'400;
constexpr unsigned kBitsPerOctet = 8;

enum class Kind : std::uint8_t {
  ibeacon = 1,
  altbeacon,
  eddystone_uid,
  eddystone_eid,
  rolling_token,
  irk,
  public_address,
  random_static_address,
};

class Writer {
 public:
  template <std::integral Number>
  void number(Number value) {
    const auto bits = static_cast<std::make_unsigned_t<Number>>(value);
    for (unsigned shift = kBitsPerOctet * sizeof bits; shift > 0; shift -= kBitsPerOctet)
      text_ += static_cast<char>(static_cast<std::uint8_t>(bits >> (shift - kBitsPerOctet)));
  }
  void octets(std::span<const std::uint8_t> value) { text_.append(value.begin(), value.end()); }
  void kind(Kind value) { number(static_cast<std::uint8_t>(value)); }

  void operator()(const IBeaconIdentifier& one) {
    kind(Kind::ibeacon);
    octets(one.uuid);
    number(one.major);
    number(one.minor);
  }
  void operator()(const AltBeaconIdentifier& one) {
    kind(Kind::altbeacon);
    number(one.company);
    octets(one.id);
  }
  void operator()(const EddystoneUidIdentifier& one) {
    kind(Kind::eddystone_uid);
    octets(one.name_space);
    octets(one.instance);
  }
  void operator()(const EddystoneEidIdentifier& one) {
    kind(Kind::eddystone_eid);
    octets(one.key.octets);
    number(static_cast<std::uint8_t>(one.temporary_key_from ? 1 : 0));
    if (one.temporary_key_from) number(*one.temporary_key_from);
    number(one.rotation_exponent);
    number(one.clock_offset_s);
  }
  void operator()(const RollingTokenIdentifier& one) {
    kind(Kind::rolling_token);
    octets(one.service_uuid);
    number(one.period_s);
  }
  void operator()(const IrkIdentifier& one) {
    kind(Kind::irk);
    octets(one.key.octets);
  }
  void operator()(const AddressIdentifier& one) {
    kind(one.address.type == AddressType::public_address ? Kind::public_address : Kind::random_static_address);
    octets(one.address.octets);
  }

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

// Each answers whether it was there.
class Reader {
 public:
  explicit Reader(std::string_view octets) : rest_(octets) {}

  template <std::integral Number>
  [[nodiscard]] bool number(Number& into) {
    if (rest_.size() < sizeof(Number)) return false;
    std::uint64_t bits = 0;
    for (const char octet : rest_.substr(0, sizeof(Number)))
      bits = bits << kBitsPerOctet | static_cast<std::uint8_t>(octet);
    into = static_cast<Number>(bits);
    rest_.remove_prefix(sizeof(Number));
    return true;
  }
  template <std::size_t kSize>
  [[nodiscard]] bool octets(std::array<std::uint8_t, kSize>& into) {
    if (rest_.size() < kSize) return false;
    std::ranges::transform(rest_.substr(0, kSize), into.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
    rest_.remove_prefix(kSize);
    return true;
  }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  [[nodiscard]] bool fields(IBeaconIdentifier& one) {
    return octets(one.uuid) && number(one.major) && number(one.minor);
  }
  [[nodiscard]] bool fields(AltBeaconIdentifier& one) { return number(one.company) && octets(one.id); }
  [[nodiscard]] bool fields(EddystoneUidIdentifier& one) { return octets(one.name_space) && octets(one.instance); }
  [[nodiscard]] bool fields(EddystoneEidIdentifier& one) {
    std::uint8_t temporary = 0;
    if (!octets(one.key.octets) || !number(temporary) || temporary > 1) return false;
    if (temporary == 1 && !number(one.temporary_key_from.emplace())) return false;
    return number(one.rotation_exponent) && one.rotation_exponent <= kLargestExponent && number(one.clock_offset_s);
  }
  [[nodiscard]] bool fields(RollingTokenIdentifier& one) {
    return octets(one.service_uuid) && number(one.period_s) && one.period_s != 0 && kSecondsPerDay % one.period_s == 0;
  }
  [[nodiscard]] bool fields(IrkIdentifier& one) { return octets(one.key.octets); }
  [[nodiscard]] bool fields(AddressIdentifier& one) { return octets(one.address.octets); }

 private:
  std::string_view rest_;
};

template <class One>
std::optional<ProfileIdentifier> read(Reader& reader, One one = {}) {
  if (!reader.fields(one)) return std::nullopt;
  return one;
}

std::optional<ProfileIdentifier> read_address(Reader& reader, AddressType type) {
  AddressIdentifier one;
  one.address.type = type;
  if (!reader.fields(one)) return std::nullopt;
  if (type == AddressType::random_static && random_address_type(one.address.octets[0]) != type) return std::nullopt;
  return one;
}

std::optional<ProfileIdentifier> read_identifier(Reader& reader) {
  std::uint8_t kind = 0;
  if (!reader.number(kind)) return std::nullopt;
  switch (static_cast<Kind>(kind)) {
    case Kind::ibeacon:
      return read<IBeaconIdentifier>(reader);
    case Kind::altbeacon:
      return read<AltBeaconIdentifier>(reader);
    case Kind::eddystone_uid:
      return read<EddystoneUidIdentifier>(reader);
    case Kind::eddystone_eid:
      return read<EddystoneEidIdentifier>(reader);
    case Kind::rolling_token:
      return read<RollingTokenIdentifier>(reader);
    case Kind::irk:
      return read<IrkIdentifier>(reader);
    case Kind::public_address:
      return read_address(reader, AddressType::public_address);
    case Kind::random_static_address:
      return read_address(reader, AddressType::random_static);
  }
  return std::nullopt;
}

}  // namespace

std::string identity_to_octets(bool staff, std::span<const ProfileIdentifier> identifiers) {
  Writer writer;
  writer.number(kFormat);
  writer.number(staff ? kStaff : std::uint8_t{0});
  writer.number(static_cast<std::uint8_t>(identifiers.size()));
  for (const ProfileIdentifier& one : identifiers) std::visit(writer, one);
  return writer.take();
}

std::optional<Identity> identity_from_octets(std::string_view octets) {
  Reader reader{octets};
  std::uint8_t format = 0;
  std::uint8_t flags = 0;
  std::uint8_t count = 0;
  if (!reader.number(format) || format != kFormat || !reader.number(flags) || flags > kStaff) return std::nullopt;
  if (!reader.number(count) || count > Profile::kMostIdentifiers) return std::nullopt;
  Identity identity;
  identity.staff = flags == kStaff;
  identity.identifiers.reserve(count);
  for (std::uint8_t i = 0; i < count; ++i) {
    const auto one = read_identifier(reader);
    if (!one) return std::nullopt;
    identity.identifiers.push_back(*one);
  }
  return reader.at_end() ? std::optional{std::move(identity)} : std::nullopt;
}

}  // namespace beacon_gateway
