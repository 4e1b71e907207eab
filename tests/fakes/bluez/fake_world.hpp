// The world behind FakeBluez: one thread that owns everything, on which all is done.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "tests/fakes/bluez/fake_message.hpp"

namespace beacon_gateway_test {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

class FakeBluez::World {
 public:
  explicit World(std::string address);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // Runs `action` on the world's thread and waits for it.
  template <class Action>
  auto act(Action action) -> decltype(action()) {
    using Result = decltype(action());
    std::mutex mutex;
    std::condition_variable done_condition;
    bool done = false;
    std::conditional_t<std::is_void_v<Result>, int, Result> result{};
    {
      const std::lock_guard lock{actions_mutex_};
      actions_.push_back([&] {
        if constexpr (std::is_void_v<Result>)
          action();
        else
          result = action();
        const std::lock_guard done_lock{mutex};
        done = true;
        done_condition.notify_one();
      });
    }
    wake();
    std::unique_lock lock{mutex};
    done_condition.wait(lock, [&] { return done; });
    if constexpr (!std::is_void_v<Result>) return result;
  }

  struct Monitor {
    std::string client;
    std::string root;
    bool active = false;
  };
  struct Advertised {
    std::string client;
    std::string path;
    FakeAdvertisement content;
    bool active = false;
  };
  struct Adapter {
    FakeAdapter facts;
    bool on_bus = false;
    bool discovering = false;
    std::set<std::string> clients;  // whose discovery it is
    std::vector<Monitor> monitors;
    std::vector<Advertised> advertised;
    std::map<std::string, FakeDevice> devices;  // by path; as they were told last
    std::set<std::string> heard;                // by the controller, in this period
    Clock::time_point period_end{};
  };
  struct OnAir {
    FakeDevice device;
    Clock::time_point due;
  };

  void open(milliseconds adapters_after);
  void close();
  void say_goodbye();
  void show(Adapter& adapter);
  void hide(Adapter& adapter);
  void set_discovering(Adapter& adapter, bool on);
  void set_powered(Adapter& adapter, bool on);
  void report(Adapter& adapter, const FakeDevice& device);
  void drop_devices(Adapter& adapter);
  void release_monitors(Adapter& adapter);
  void release_advertisements(Adapter& adapter);
  void send_odd();
  void send_as_impostor(const FakeDevice& device);

  std::map<std::string, Adapter> adapters_;
  std::map<std::string, OnAir> air_;
  std::map<std::string, std::string> answers_;
  std::map<std::string, std::uint32_t> calls_;
  std::string filter_;
  std::uint32_t patterns_ = 0;
  bool silent_ = false;
  bool keeps_old_ = false;
  std::uint32_t flood_left_ = 0;
  std::uint32_t flood_a_second_ = 0;
  std::uint32_t flood_number_ = 0;
  Clock::time_point flood_at_{};
  Clock::time_point advertised_at_{};

 private:
  void live();
  void wake() const;
  void turn();
  void breathe();
  void breathe_flood();
  static int called(sd_bus_message* call, void* self, sd_bus_error* error);
  static int owner_changed(sd_bus_message* signal, void* self, sd_bus_error* error);
  int handle(sd_bus_message* call);
  int adapter_method(sd_bus_message* call, Adapter& adapter, const std::string& member);
  int advertising_method(sd_bus_message* call, Adapter& adapter, const std::string& member);
  int register_advertisement(sd_bus_message* call, Adapter& adapter);
  static int advertisement_read(sd_bus_message* reply, void* asked, sd_bus_error* error);
  void breathe_advertisements();
  int register_monitor(sd_bus_message* call, Adapter& adapter);
  void list_objects(sd_bus_message* reply);
  void append_adapter(Out& out, const Adapter& adapter);
  void client_is_gone(const std::string& client);

  // An application that is asked for its objects.
  struct Asked {
    World* world;
    std::string adapter;
    std::string client;
    std::string root;
    sd_bus_message* call = nullptr;  // to be answered
  };

  // Sends a signal that `fill` writes.
  template <class Fill>
  void signal(const std::string& path, const char* interface, const char* member, Fill fill) {
    if (bus_ == nullptr) return;
    sd_bus_message* message = nullptr;
    require(sd_bus_message_new_signal(bus_, &message, path.c_str(), interface, member), "signal");
    Out out{message};
    fill(out);
    static_cast<void>(sd_bus_send(bus_, message, nullptr));  // a bus that is gone is noticed by the loop
    sd_bus_message_unref(message);
  }
  template <class Fill>
  void properties_changed(const std::string& path, const char* interface, Fill fill) {
    signal(path, "org.freedesktop.DBus.Properties", "PropertiesChanged", [&](Out& out) {
      out.append("s", interface).open('a', "{sv}");
      fill(out);
      out.close().append("as", 0);
    });
  }

  std::string address_;
  int wake_;
  std::mutex actions_mutex_;
  std::deque<std::function<void()>> actions_;
  sd_bus* bus_ = nullptr;
  std::optional<Clock::time_point> adapters_at_;
  std::set<std::string> clients_;
  std::deque<Asked> asked_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace beacon_gateway_test
