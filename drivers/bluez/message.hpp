// The walk over a D-Bus message that came in, and the body of one that goes out, without building anything of either.
//
// What lies in a message is read with sd-bus, on which sdbus-c++ stands: sdbus-c++ 1.2 can neither skip a value of
// unknown type nor read octets at once, its walk is spelled otherwise in 2.x, and its maps of variants cost three times
// as much (performance.md).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct sd_bus_message;  // of libsystemd: seen in message.cpp only

namespace beacon_gateway::bluez {

struct BusError {
  std::string_view name;  // "org.bluez.Error.InProgress"
  std::string_view text;
};

// A message that came in, read from its beginning to its end. Every function that reads answers nothing (or false) when
// the next value is of another type; `good` is then false for ever, and the message is to be dropped. Texts and octets
// lie in the message: copy what is to outlive the handler.
class Message {
 public:
  explicit Message(sd_bus_message* message) : message_(message) {}

  [[nodiscard]] std::string_view path() const;
  [[nodiscard]] std::string_view interface() const;
  [[nodiscard]] std::string_view member() const;
  [[nodiscard]] std::string_view sender() const;
  [[nodiscard]] std::optional<BusError> error() const;  // of a reply that is one

  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool at_end();  // of what was entered last
  [[nodiscard]] bool enter_array(const char* contents);
  [[nodiscard]] bool enter_entry(const char* contents);  // of a dictionary; false also at its end
  [[nodiscard]] const char* enter_variant();             // its type; nullptr: no variant
  [[nodiscard]] bool leave();                            // what was entered last, read to its end
  [[nodiscard]] bool skip(const char* types);
  [[nodiscard]] std::optional<std::string_view> text();                 // s
  [[nodiscard]] std::optional<std::string_view> object_path();          // o
  [[nodiscard]] std::optional<bool> flag();                             // b
  [[nodiscard]] std::optional<std::int16_t> int16();                    // n
  [[nodiscard]] std::optional<std::uint16_t> uint16();                  // q
  [[nodiscard]] std::optional<std::span<const std::uint8_t>> octets();  // ay

 private:
  template <class Value>
  [[nodiscard]] std::optional<Value> basic(char type);
  [[nodiscard]] bool checked(int result);

  sd_bus_message* message_;
  bool good_ = true;
};

// Walks a dictionary a{sv}. `take(name, type)` is asked for each value; true: it has read the value, false: it has read
// nothing of it, and the value is skipped whatever it is. False: the message is no such dictionary or is damaged.
template <class Take>
[[nodiscard]] bool read_properties(Message& message, Take&& take) {
  if (!message.enter_array("{sv}")) return false;
  while (message.enter_entry("sv")) {
    const auto name = message.text();
    const char* type = name ? message.enter_variant() : nullptr;
    if (type == nullptr) return false;
    if (!take(*name, std::string_view{type}) && !message.skip(type)) return false;
    if (!message.leave() || !message.leave()) return false;
  }
  return message.good() && message.leave();
}

// The body of a message that goes out. A type that does not fit what was opened is a bug and asserts.
class Writer {
 public:
  explicit Writer(sd_bus_message* message) : message_(message) {}

  Writer& text(const std::string& value);
  Writer& object_path(const std::string& value);
  Writer& flag(bool value);
  Writer& octet(std::uint8_t value);
  Writer& uint16(std::uint16_t value);
  Writer& uint32(std::uint32_t value);
  Writer& octets(std::span<const std::uint8_t> value);
  Writer& array(const char* contents);
  Writer& entry(const char* contents);
  Writer& structure(const char* contents);
  Writer& variant(const char* contents);
  Writer& close();  // what was opened last

 private:
  Writer& open(char type, const char* contents);

  sd_bus_message* message_;
};

}  // namespace beacon_gateway::bluez
