#include "core/identity/identifier.hpp"

#include <algorithm>
#include <cassert>
#include <span>
#include <string_view>

#include "core/hex.hpp"

namespace beacon_gateway {
namespace {

constexpr std::size_t kShownOctets = 2;  // of at least six: as much as an address shows

// Fills an identifier's octets from the front.
class Builder {
 public:
  explicit Builder(IdentifierKind kind) { identifier_.kind = kind; }

  Builder& add(std::span<const std::uint8_t> octets) {
    assert(used_ + octets.size() <= Identifier::kCapacity);
    std::ranges::copy(octets, identifier_.octets.begin() + static_cast<std::ptrdiff_t>(used_));
    used_ += octets.size();
    return *this;
  }
  Builder& add(std::uint16_t number) {
    const std::array octets{static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number & 0xFF)};
    return add(octets);
  }
  [[nodiscard]] const Identifier& built() const { return identifier_; }

 private:
  Identifier identifier_;
  std::size_t used_ = 0;
};

struct Shape {
  std::string_view name;
  std::size_t octets;  // in use
};

Shape shape_of(IdentifierKind kind) {
  switch (kind) {
    case IdentifierKind::ibeacon:
      return {"ibeacon", 20};
    case IdentifierKind::altbeacon:
      return {"altbeacon", 22};
    case IdentifierKind::eddystone_uid:
      return {"eddystone-uid", 16};
    case IdentifierKind::address:
      return {"address", 7};
  }
  assert(false && "an identifier of no kind");
  return {"", 0};
}

}  // namespace

std::string Identifier::masked() const {
  const Shape shape = shape_of(kind);
  return std::string{shape.name} + " …" + hex_text(std::span{octets}.first(shape.octets).last(kShownOctets));
}

Identifier identifier_of(const IBeacon& frame) {
  return Builder{IdentifierKind::ibeacon}.add(frame.uuid).add(frame.major).add(frame.minor).built();
}

Identifier identifier_of(const AltBeacon& frame) {
  return Builder{IdentifierKind::altbeacon}.add(frame.company).add(frame.id).built();
}

Identifier identifier_of(const EddystoneUid& frame) {
  return Builder{IdentifierKind::eddystone_uid}.add(frame.name_space).add(frame.instance).built();
}

Identifier identifier_of(const Address& address) {
  const std::array type{static_cast<std::uint8_t>(address.type)};
  return Builder{IdentifierKind::address}.add(type).add(address.octets).built();
}

}  // namespace beacon_gateway
