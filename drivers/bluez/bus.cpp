#include "drivers/bluez/bus.hpp"

#include <poll.h>
#include <systemd/sd-bus.h>

#include <algorithm>
#include <cassert>
#include <ctime>
#include <list>
#include <system_error>

namespace beacon_gateway::bluez {
namespace {

// Longer than bluetoothd waits for a controller that hangs (4 s of HCI time-outs, measured), shorter than a technician.
constexpr std::chrono::microseconds kCallTimeout = std::chrono::seconds{10};

std::string_view or_empty(const char* text) {
  return text == nullptr ? std::string_view{} : std::string_view{text};
}

std::string system_error_text(int negative_errno) {
  return std::error_code{-negative_errno, std::generic_category()}.message();
}

struct MessageUnref {
  void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
};
using OwnedMessage = std::unique_ptr<sd_bus_message, MessageUnref>;

}  // namespace

// --- Message

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
  if (!good_ || !checked(sd_bus_message_read_basic(message_, type, &value))) return std::nullopt;
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

// --- Writer

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
Writer& Writer::octets(std::span<const std::uint8_t> value) {
  require(sd_bus_message_append_array(message_, SD_BUS_TYPE_BYTE, value.data(), value.size()));
  return *this;
}

// --- Bus

class Bus::Connection {
 public:
  explicit Connection(OnMessage on_signal) : on_signal_(std::move(on_signal)) {}
  // No farewell: what waits to be sent is of no use to a bus that we leave.
  ~Connection() { sd_bus_close_unref(bus_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] int open(const std::string& address);

  // Nothing may be thrown through libsystemd's frames: what a handler throws ends the connection and is told.
  template <class Handler>
  void guarded(Handler&& handler) noexcept {
    try {
      handler();
    } catch (const std::exception& error) {
      lose(std::string{"a handler failed: "} + error.what());
    } catch (...) {
      lose("a handler failed");
    }
  }

  void lose(std::string why) {
    if (lost_) return;
    lost_ = true;
    why_ = std::move(why);
  }

  void call(const Method& method, const Fill& fill, OnMessage on_reply);
  void serve(const std::string& path, Serve serve);
  [[nodiscard]] bool process(std::size_t most, bool& more);

  sd_bus* bus_ = nullptr;
  std::string why_;

 private:
  struct PendingCall {
    Connection* connection;
    OnMessage on_reply;
  };
  struct Served {
    Connection* connection;
    Serve serve;
  };
  static int signal_came(sd_bus_message* message, void* self, sd_bus_error* error);
  static int reply_came(sd_bus_message* message, void* pending, sd_bus_error* error);
  static int call_came(sd_bus_message* message, void* served, sd_bus_error* error);

  OnMessage on_signal_;
  std::list<Served> served_;
  bool lost_ = false;
};

int Bus::Connection::open(const std::string& address) {
  int result = 0;
  if (address.empty()) {
    result = sd_bus_open_system(&bus_);
  } else {
    result = sd_bus_new(&bus_);
    if (result >= 0) result = sd_bus_set_address(bus_, address.c_str());
    if (result >= 0) result = sd_bus_set_bus_client(bus_, 1);
    if (result >= 0) result = sd_bus_start(bus_);
  }
  if (result >= 0) result = sd_bus_set_method_call_timeout(bus_, static_cast<std::uint64_t>(kCallTimeout.count()));
  if (result >= 0) result = sd_bus_add_filter(bus_, nullptr, signal_came, this);
  return result;
}

int Bus::Connection::signal_came(sd_bus_message* message, void* self, sd_bus_error* /*error*/) {
  auto* connection = static_cast<Connection*>(self);
  if (sd_bus_message_is_signal(message, nullptr, nullptr) > 0) {
    connection->guarded([&] {
      Message read{message};
      connection->on_signal_(read);
    });
  }
  return 0;  // others may want it too
}

int Bus::Connection::reply_came(sd_bus_message* message, void* pending, sd_bus_error* /*error*/) {
  const auto* call = static_cast<PendingCall*>(pending);
  call->connection->guarded([&] {
    Message read{message};
    call->on_reply(read);
  });
  return 1;
}

int Bus::Connection::call_came(sd_bus_message* message, void* served, sd_bus_error* /*error*/) {
  const auto* object = static_cast<Served*>(served);
  int result = 0;
  object->connection->guarded([&] {
    sd_bus_message* made = nullptr;
    result = sd_bus_message_new_method_return(message, &made);
    const OwnedMessage reply{made};
    if (result < 0) return;
    Message read{message};
    Writer writer{made};
    result = object->serve(read, writer) ? 1 : 0;
    if (result == 0 || sd_bus_message_get_expect_reply(message) == 0) return;
    if (const int sent = sd_bus_send(nullptr, made, nullptr); sent < 0) result = sent;
  });
  return result;
}

void Bus::Connection::call(const Method& method, const Fill& fill, OnMessage on_reply) {
  sd_bus_message* made = nullptr;
  int result = sd_bus_message_new_method_call(bus_, &made, method.destination.c_str(), method.path.c_str(),
                                              method.interface.c_str(), method.member.c_str());
  const OwnedMessage message{made};
  if (result >= 0) {
    Writer writer{made};
    if (fill) fill(writer);
    auto pending = std::make_unique<PendingCall>(PendingCall{this, std::move(on_reply)});
    sd_bus_slot* slot = nullptr;
    result = sd_bus_call_async(bus_, &slot, made, reply_came, pending.get(), 0);
    if (result >= 0) {
      // From here on the slot owns it, and the bus the slot: both go with the reply or with the bus.
      sd_bus_slot_set_destroy_callback(slot, [](void* call) { delete static_cast<PendingCall*>(call); });
      static_cast<void>(pending.release());
      sd_bus_slot_set_floating(slot, 1);
      sd_bus_slot_unref(slot);
    }
  }
  if (result < 0) lose(method.member + " could not be sent: " + system_error_text(result));
}

void Bus::Connection::serve(const std::string& path, Serve serve) {
  served_.push_back({this, std::move(serve)});
  const int result = sd_bus_add_fallback(bus_, nullptr, path.c_str(), call_came, &served_.back());
  if (result < 0) lose("an object could not be served: " + system_error_text(result));
}

bool Bus::Connection::process(std::size_t most, bool& more) {
  more = false;
  for (std::size_t i = 0; i < most && !lost_; ++i) {
    const int result = sd_bus_process(bus_, nullptr);
    if (result < 0) lose("the bus is gone: " + system_error_text(result));
    if (result <= 0) return !lost_;
  }
  more = !lost_;
  return !lost_;
}

Bus::Bus(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
Bus::~Bus() = default;

tl::expected<std::unique_ptr<Bus>, std::string> Bus::open(const std::string& address, OnMessage on_signal) {
  auto connection = std::make_unique<Connection>(std::move(on_signal));
  const int result = connection->open(address);
  if (result < 0)
    return tl::unexpected("the D-Bus " + (address.empty() ? std::string{"system bus"} : address) +
                          " cannot be reached: " + system_error_text(result));
  return std::unique_ptr<Bus>{new Bus{std::move(connection)}};
}

void Bus::match(const std::string& rule) {
  call({"org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "AddMatch"},
       [&](Writer& arguments) { arguments.text(rule); },
       [connection = connection_.get()](Message& reply) {
         if (const auto error = reply.error()) connection->lose("AddMatch: " + std::string{error->text});
       });
}

void Bus::call(const Method& method, const Fill& fill, OnMessage on_reply) {
  connection_->call(method, fill, std::move(on_reply));
}
void Bus::serve(const std::string& path, Serve serve) {
  connection_->serve(path, std::move(serve));
}
bool Bus::process(std::size_t most, bool& more) {
  return connection_->process(most, more);
}
const std::string& Bus::why() const {
  return connection_->why_;
}
int Bus::descriptor() const {
  return sd_bus_get_fd(connection_->bus_);
}

short Bus::events() const {
  const int events = sd_bus_get_events(connection_->bus_);
  return static_cast<short>(events < 0 ? POLLIN : events);
}

std::optional<std::chrono::milliseconds> Bus::patience() const {
  constexpr std::uint64_t kForEver = UINT64_MAX;
  std::uint64_t until = 0;  // CLOCK_MONOTONIC, microseconds
  if (sd_bus_get_timeout(connection_->bus_, &until) < 0 || until == kForEver) return std::nullopt;
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto since_boot = std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
  const auto wait = std::chrono::microseconds{until} - since_boot;
  return std::max(std::chrono::milliseconds{0}, std::chrono::ceil<std::chrono::milliseconds>(wait));
}

}  // namespace beacon_gateway::bluez
