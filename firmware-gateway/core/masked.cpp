#include "core/masked.hpp"

namespace beacon_gateway {

std::string masked_tail(std::string_view text, std::size_t shown) {
  std::string masked = "…";
  if (text.size() / 2 >= shown) masked += text.substr(text.size() - shown);
  return masked;
}

}  // namespace beacon_gateway
