// The one shim over D-Bus: a connection, asynchronous calls, signals, and objects of our own. All of it belongs to one
// thread. Behind it stands sdbus-c++, 1.2 (Debian 12) or 2.x (Debian 13).
//
// `open` and `match` wait for the bus daemon; after that nothing does. A connection that is lost, or a handler that
// throws, ends in `process` answering false: throw the Bus away and start over with another. Calls in flight are then
// forgotten (reliability.md A2).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "drivers/bluez/message.hpp"

namespace beacon_gateway::bluez {

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
  // Connects to the system bus, or to what DBUS_SYSTEM_BUS_ADDRESS says instead. The error is a sentence for people.
  [[nodiscard]] static tl::expected<std::unique_ptr<Bus>, std::string> open();
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
