#include "drivers/bluez/bus.hpp"

#include <sdbus-c++/sdbus-c++.h>

#include <chrono>
#include <list>

namespace beacon_gateway::bluez {
namespace {

// Longer than bluetoothd waits for a controller that hangs (4 s of HCI time-outs, measured), shorter than a technician.
constexpr std::chrono::microseconds kCallTimeout = std::chrono::seconds{10};

// The message beneath sdbus-c++'s own, which it keeps from all but its children, in 1.2 and in 2.x.
struct Beneath : sdbus::Message {
  static sd_bus_message* of(const sdbus::Message& message) {
    return static_cast<sd_bus_message*>(message.*(&Beneath::msg_));
  }
};

#if BEACON_GATEWAY_SDBUS_MAJOR >= 2
using SignalMessage = sdbus::Message;  // handlers take it by value
std::unique_ptr<sdbus::IProxy> proxy_of(sdbus::IConnection& connection, const Method& method) {
  return sdbus::createProxy(connection, sdbus::ServiceName{method.destination}, sdbus::ObjectPath{method.path});
}
sdbus::MethodCall call_of(const sdbus::IProxy& proxy, const Method& method) {
  return proxy.createMethodCall(sdbus::InterfaceName{method.interface}, sdbus::MethodName{method.member});
}
template <class OnReply>
void send(sdbus::IProxy& proxy, const sdbus::MethodCall& call, const OnReply& on_reply) {
  proxy.callMethodAsync(call, [on_reply](const sdbus::MethodReply& reply, const std::optional<sdbus::Error>&) {
    on_reply(Beneath::of(reply));
  });
}
bool process_one(sdbus::IConnection& connection) {
  return connection.processPendingEvent();
}
void answer_property(std::vector<sdbus::VTableItem>& table, const std::string& name, const std::string& type,
                     std::function<void(sdbus::Message&)> get) {
  table.emplace_back(sdbus::PropertyVTableItem{sdbus::PropertyName{name},
                                               sdbus::Signature{type},
                                               [get](sdbus::PropertyGetReply& reply) { get(reply); },
                                               {},
                                               {}});
}
void answer_method(std::vector<sdbus::VTableItem>& table, const std::string& name, const std::string& arguments,
                   std::function<void(sdbus::MethodCall&)> called) {
  table.emplace_back(sdbus::MethodVTableItem{sdbus::MethodName{name},
                                             sdbus::Signature{arguments},
                                             {},
                                             sdbus::Signature{""},
                                             {},
                                             [called](sdbus::MethodCall call) { called(call); },
                                             {}});
}
#else
using SignalMessage = sdbus::Message&;
std::unique_ptr<sdbus::IProxy> proxy_of(sdbus::IConnection& connection, const Method& method) {
  return sdbus::createProxy(connection, method.destination, method.path);
}
sdbus::MethodCall call_of(sdbus::IProxy& proxy, const Method& method) {
  return proxy.createMethodCall(method.interface, method.member);
}
template <class OnReply>
void send(sdbus::IProxy& proxy, const sdbus::MethodCall& call, const OnReply& on_reply) {
  proxy.callMethod(call,
                   [on_reply](const sdbus::MethodReply& reply, const sdbus::Error*) { on_reply(Beneath::of(reply)); });
}
bool process_one(sdbus::IConnection& connection) {
  return connection.processPendingRequest();
}
#endif

}  // namespace

class Bus::Connection {
 public:
  explicit Connection(std::unique_ptr<sdbus::IConnection> connection) : connection_(std::move(connection)) {
    connection_->setMethodCallTimeout(static_cast<std::uint64_t>(kCallTimeout.count()));
  }

  void lose(std::string why) {
    if (lost_) return;
    lost_ = true;
    why_ = std::move(why);
  }

  // Nothing may be thrown through libsystemd's frames, that ends the process (reliability.md E9). What a handler throws
  // ends the connection and is told.
  template <class Handler>
  void guarded(Handler&& handler) noexcept {
    try {
      handler();
    } catch (const std::exception& error) {
      lose(error.what());
    } catch (...) {
      lose("a handler failed");
    }
  }

  void match(const std::string& rule, OnMessage on_signal) {
    guarded([&] {
      auto heard = [this, on_signal = std::move(on_signal)](SignalMessage signal) {
        guarded([&] {
          Message message{Beneath::of(signal)};
          on_signal(message);
        });
      };
#if BEACON_GATEWAY_SDBUS_MAJOR >= 2
      connection_->addMatch(rule, std::move(heard));
#else
      connection_->addMatch(rule, std::move(heard), sdbus::floating_slot);
#endif
    });
  }

  void call(const Method& method, const Fill& fill, OnMessage on_reply) {
    guarded([&] {
      const auto pending = pending_.insert(pending_.end(), {proxy_of(*connection_, method), false});
      const auto call = call_of(*pending->proxy, method);
      Writer writer{Beneath::of(call)};
      if (fill) fill(writer);
      send(*pending->proxy, call, [this, pending, on_reply = std::move(on_reply)](sd_bus_message* reply) {
        guarded([&] {
          pending->done = true;
          Message message{reply};
          on_reply(message);
        });
      });
    });
  }

  void serve(const std::string& root, const std::vector<ServedObject>& objects);
  [[nodiscard]] bool process(std::size_t most, bool& more);

  [[nodiscard]] auto poll_data() const { return connection_->getEventLoopPollData(); }
  [[nodiscard]] const std::string& why() const { return why_; }

 private:
  void serve(const ServedObject& object);

  // sdbus-c++ sends by proxies. Each call has its own, gone soon after the answer: none is kept for a device.
  struct Pending {
    std::unique_ptr<sdbus::IProxy> proxy;
    bool done;
  };

  std::unique_ptr<sdbus::IConnection> connection_;  // first: the others hold on to it
  std::list<Pending> pending_;
  std::vector<std::unique_ptr<sdbus::IObject>> objects_;
  bool lost_ = false;
  std::string why_;
};

void Bus::Connection::serve(const ServedObject& object) {
  const auto called = [this](const OnMessage& method) {
    return [this, method](sdbus::MethodCall& call) {
      guarded([&] {
        Message message{Beneath::of(call)};
        method(message);
        if (!call.doesntExpectReply()) call.createReply().send();
      });
    };
  };
  const auto get = [this](const Fill& value) {
    return [this, value](sdbus::Message& reply) {
      guarded([&] {
        Writer writer{Beneath::of(reply)};
        value(writer);
      });
    };
  };
#if BEACON_GATEWAY_SDBUS_MAJOR >= 2
  auto made = sdbus::createObject(*connection_, sdbus::ObjectPath{object.path});
  std::vector<sdbus::VTableItem> table;
  for (const auto& property : object.properties)
    answer_property(table, property.name, property.type, get(property.value));
  for (const auto& method : object.methods) answer_method(table, method.name, method.arguments, called(method.called));
  made->addVTable(sdbus::InterfaceName{object.interface}, std::move(table));
#else
  auto made = sdbus::createObject(*connection_, object.path);
  for (const auto& property : object.properties)
    made->registerProperty(object.interface, property.name, property.type, get(property.value));
  for (const auto& method : object.methods)
    made->registerMethod(object.interface, method.name, method.arguments, "",
                         [answer = called(method.called)](sdbus::MethodCall call) { answer(call); });
  made->finishRegistration();
#endif
  objects_.push_back(std::move(made));
}

void Bus::Connection::serve(const std::string& root, const std::vector<ServedObject>& objects) {
  guarded([&] {
#if BEACON_GATEWAY_SDBUS_MAJOR >= 2
    connection_->addObjectManager(sdbus::ObjectPath{root});
#else
    connection_->addObjectManager(root, sdbus::floating_slot);
#endif
    for (const ServedObject& object : objects) serve(object);
  });
}

bool Bus::Connection::process(std::size_t most, bool& more) {
  more = false;
  std::size_t handled = 0;
  guarded([&] {
    while (!lost_ && handled < most && process_one(*connection_)) ++handled;
  });
  std::erase_if(pending_, [](const Pending& call) { return call.done; });
  more = !lost_ && handled == most;
  return !lost_;
}

Bus::Bus(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
Bus::~Bus() = default;

tl::expected<std::unique_ptr<Bus>, std::string> Bus::open() {
  try {
    return std::unique_ptr<Bus>{new Bus{std::make_unique<Connection>(sdbus::createSystemBusConnection())}};
  } catch (const sdbus::Error& error) {
    return tl::unexpected(error.getMessage());
  }
}

void Bus::match(const std::string& rule, OnMessage on_signal) {
  connection_->match(rule, std::move(on_signal));
}
void Bus::call(const Method& method, const Fill& fill, OnMessage on_reply) {
  connection_->call(method, fill, std::move(on_reply));
}
void Bus::serve(const std::string& root, const std::vector<ServedObject>& objects) {
  connection_->serve(root, objects);
}
bool Bus::process(std::size_t most, bool& more) {
  return connection_->process(most, more);
}
const std::string& Bus::why() const {
  return connection_->why();
}
int Bus::descriptor() const {
  return connection_->poll_data().fd;
}
short Bus::events() const {
  return connection_->poll_data().events;
}
int Bus::patience_ms() const {
  return connection_->poll_data().getPollTimeout();
}

}  // namespace beacon_gateway::bluez
