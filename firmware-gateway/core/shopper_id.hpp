// The opaque pseudonym of an opted-in person.
#pragma once

#include <compare>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace beacon_gateway {

// 1..64 characters of `A-Za-z0-9._-`. Prints masked; `value()` is for codecs, stores and what an operator asked for.
class ShopperId {
 public:
  static constexpr std::size_t kMaxLength = 64;

  [[nodiscard]] static std::optional<ShopperId> parse(std::string_view text);

  [[nodiscard]] const std::string& value() const noexcept { return value_; }
  [[nodiscard]] std::string masked() const;

  friend auto operator<=>(const ShopperId&, const ShopperId&) = default;

 private:
  explicit ShopperId(std::string value) : value_(std::move(value)) {}
  std::string value_;
};

}  // namespace beacon_gateway

template <>
struct std::hash<beacon_gateway::ShopperId> {
  std::size_t operator()(const beacon_gateway::ShopperId& id) const noexcept {
    return std::hash<std::string>{}(id.value());
  }
};
