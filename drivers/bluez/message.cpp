#include "drivers/bluez/message.hpp"

#include <systemd/sd-bus.h>

#include <cassert>

namespace beacon_gateway::bluez {
namespace {

std::string_view or_empty(const char* text) {
  return text == nullptr ? std::string_view{} : std::string_view{text};
}

}  // namespace

std::string_view Message::path() const {
  return or_empty(sd_bus_message_get_path(message_));
}
std::string_view Message::interface() const {
  return or_empty(sd_bus_message_get_interface(message_));
}
std::string_view Message::member() const {
  return or_empty(sd_bus_message_get_member(message_));
}
std::string_view Message::sender() const {
  return or_empty(sd_bus_message_get_sender(message_));
}

std::optional<BusError> Message::error() const {
  const sd_bus_error* error = sd_bus_message_get_error(message_);
  if (error == nullptr) return std::nullopt;
  return BusError{or_empty(error->name), or_empty(error->message)};
}

// sd-bus: negative is a fault; zero the end of what was entered.
bool Message::checked(int result) {
  good_ = good_ && result >= 0;
  return good_ && result > 0;
}

bool Message::at_end() {
  return !good_ || sd_bus_message_at_end(message_, 0) != 0;
}

bool Message::enter_array(const char* contents) {
  return good_ && checked(sd_bus_message_enter_container(message_, SD_BUS_TYPE_ARRAY, contents));
}
bool Message::enter_entry(const char* contents) {
  return good_ && checked(sd_bus_message_enter_container(message_, SD_BUS_TYPE_DICT_ENTRY, contents));
}

const char* Message::enter_variant() {
  char type = 0;
  const char* contents = nullptr;
  if (!good_ || !checked(sd_bus_message_peek_type(message_, &type, &contents)) || type != SD_BUS_TYPE_VARIANT) {
    good_ = false;
    return nullptr;
  }
  return checked(sd_bus_message_enter_container(message_, type, contents)) ? contents : nullptr;
}

bool Message::leave() {
  return good_ && checked(sd_bus_message_exit_container(message_));
}
bool Message::skip(const char* types) {
  good_ = good_ && sd_bus_message_skip(message_, types) >= 0;
  return good_;
}

template <class Value>
std::optional<Value> Message::basic(char type) {
  Value value{};
  if (!good_ || !checked(sd_bus_message_read_basic(message_, type, static_cast<void*>(&value)))) return std::nullopt;
  return value;
}

std::optional<std::string_view> Message::text() {
  return basic<const char*>(SD_BUS_TYPE_STRING);
}
std::optional<std::string_view> Message::object_path() {
  return basic<const char*>(SD_BUS_TYPE_OBJECT_PATH);
}
std::optional<bool> Message::flag() {
  const auto value = basic<int>(SD_BUS_TYPE_BOOLEAN);
  return value ? std::optional{*value != 0} : std::nullopt;
}
std::optional<std::int16_t> Message::int16() {
  return basic<std::int16_t>(SD_BUS_TYPE_INT16);
}
std::optional<std::uint16_t> Message::uint16() {
  return basic<std::uint16_t>(SD_BUS_TYPE_UINT16);
}

std::optional<std::span<const std::uint8_t>> Message::octets() {
  const void* data = nullptr;
  std::size_t size = 0;
  good_ = good_ && sd_bus_message_read_array(message_, SD_BUS_TYPE_BYTE, &data, &size) >= 0;
  if (!good_) return std::nullopt;
  return std::span{static_cast<const std::uint8_t*>(data), size};
}

namespace {
void require(int result) {
  assert(result >= 0 && "a value that does not fit the message's signature");
  static_cast<void>(result);
}
}  // namespace

Writer& Writer::open(char type, const char* contents) {
  require(sd_bus_message_open_container(message_, type, contents));
  return *this;
}
Writer& Writer::array(const char* contents) {
  return open(SD_BUS_TYPE_ARRAY, contents);
}
Writer& Writer::entry(const char* contents) {
  return open(SD_BUS_TYPE_DICT_ENTRY, contents);
}
Writer& Writer::structure(const char* contents) {
  return open(SD_BUS_TYPE_STRUCT, contents);
}
Writer& Writer::variant(const char* contents) {
  return open(SD_BUS_TYPE_VARIANT, contents);
}
Writer& Writer::close() {
  require(sd_bus_message_close_container(message_));
  return *this;
}
Writer& Writer::text(const std::string& value) {
  require(sd_bus_message_append_basic(message_, SD_BUS_TYPE_STRING, value.c_str()));
  return *this;
}
Writer& Writer::object_path(const std::string& value) {
  require(sd_bus_message_append_basic(message_, SD_BUS_TYPE_OBJECT_PATH, value.c_str()));
  return *this;
}
Writer& Writer::flag(bool value) {
  const int as_int = value ? 1 : 0;
  require(sd_bus_message_append_basic(message_, SD_BUS_TYPE_BOOLEAN, &as_int));
  return *this;
}
Writer& Writer::octet(std::uint8_t value) {
  require(sd_bus_message_append_basic(message_, SD_BUS_TYPE_BYTE, &value));
  return *this;
}
Writer& Writer::uint16(std::uint16_t value) {
  require(sd_bus_message_append_basic(message_, SD_BUS_TYPE_UINT16, &value));
  return *this;
}
Writer& Writer::uint32(std::uint32_t value) {
  require(sd_bus_message_append_basic(message_, SD_BUS_TYPE_UINT32, &value));
  return *this;
}
Writer& Writer::octets(std::span<const std::uint8_t> value) {
  require(sd_bus_message_append_array(message_, SD_BUS_TYPE_BYTE, value.data(), value.size()));
  return *this;
}

}  // namespace beacon_gateway::bluez
