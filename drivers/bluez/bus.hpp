// The one shim over D-Bus: a connection, asynchronous calls, signals, an object of our own, and the walk over a
// message without building anything of it. All of it belongs to one thread.
//
// Behind it stands sdbus-c++ 1.2 (Debian 12) or 2.x (Debian 13): connection, calls, objects. What lies in a message is
// read with sd-bus, on which sdbus-c++ stands: 1.2 can neither skip a value of unknown type nor read octets at once,
// and its walk is spelled otherwise in 2.x; maps of variants cost three times as much (performance.md).
//
// `open` and `match` wait for the bus daemon; after that nothing does. A connection that is lost, or a handler that
// throws, ends in `process` answering false: throw the Bus away and start over with another. Calls in flight are then
// forgotten (reliability.md A2).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

struct sd_bus_message;  // of libsystemd: seen in bus.cpp only

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

struct Method {
  std::string destination;
  std::string path;
  std::string interface;
  std::string member;
};

using Fill = std::function<void(Writer&)>;
using OnMessage = std::function<void(Message&)>;

// An object of ours with one interface; its values do not change, its methods return nothing.
struct ServedObject {
  struct Property {
    std::string name;
    std::string type;
    Fill value;
  };
  struct Method {
    std::string name;
    std::string arguments;
    OnMessage called;
  };
  std::string path;
  std::string interface;
  std::vector<Property> properties;
  std::vector<Method> methods;
};

class Bus {
 public:
  // Connects to `address`; empty: the system bus. The error is a sentence for people.
  [[nodiscard]] static tl::expected<std::unique_ptr<Bus>, std::string> open(const std::string& address);
  ~Bus();
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;

  // Asks the bus daemon for the signals of this rule.
  void match(const std::string& rule, OnMessage on_signal);

  // `on_reply` is called once, with the answer or an error (also when the time is over), unless the Bus goes before.
  void call(const Method& method, const Fill& fill, OnMessage on_reply);

  // The objects below `root`, which tells of them (org.freedesktop.DBus.ObjectManager). Once.
  void serve(const std::string& root, const std::vector<ServedObject>& objects);

  // Handles at most `most` messages; `more` says whether others wait. False: start over, `why` says why.
  [[nodiscard]] bool process(std::size_t most, bool& more);
  [[nodiscard]] const std::string& why() const;

  // For poll(2); the time is how long to sleep at most, -1: for ever.
  [[nodiscard]] int descriptor() const;
  [[nodiscard]] short events() const;
  [[nodiscard]] int patience_ms() const;

 private:
  class Connection;
  explicit Bus(std::unique_ptr<Connection> connection);
  std::unique_ptr<Connection> connection_;
};

}  // namespace beacon_gateway::bluez
