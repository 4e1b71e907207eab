// What the broker sends, on its way from Paho's thread to the listener: a thread of its own hands over one message
// after the other, and may be made to wait for seconds.
//
// Why a thread: Paho calls back with the mutex held that every publish, subscribe and disconnect of ours needs too
// (MQTTAsync_cycle of Paho C 1.3, paho.mqtt.c#1230). A callback that waits for the loop to make room, while the loop
// publishes, waits for itself.
// Pressure: while kRoom is used up, `put` waits up to kPause each time. That slows Paho's reading to five messages a
// second, so the rest stays in TCP and with the broker. A call of ours into Paho ends the pause (Haste): the mutex is
// not fair, and what lets it go for microseconds after each pause would keep the call waiting for seconds. If even so
// kMost comes together, the next content is dropped and told as overflow. Paho acknowledges a message when it reads it,
// so what is in here when the process ends is lost: the gap in the revisions tells the gateway to ask again.
//
// Thread: `put` on Paho's; the rest on the uplink's.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace beacon_gateway::mqtt {

class Inbox {
 public:
  struct Arrived {
    std::string topic;
    std::string payload;
    std::string response_topic{};  // MQTT 5.0, 3.3.2.3.5 and .6; empty: none
    std::string correlation_data{};
    bool dropped = false;  // there was no room for its payload
  };
  using Handler = std::function<void(const Arrived&)>;  // on the inbox's thread

  static constexpr std::size_t kRoom = 2U << 20U;   // four parts of a full set, half a second's work
  static constexpr std::size_t kMost = 16U << 20U;  // a quarter of the memory that the gateway promises to keep to
  static constexpr std::chrono::milliseconds kPause{200};

  explicit Inbox(Handler handler);
  ~Inbox();  // closes; returns when the handler has
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  // `message.dropped` is the inbox's to say.
  void put(Arrived message);

  // While one of these lives, `put` does not wait: somebody needs Paho. Null: there is no inbox.
  class Haste {
   public:
    explicit Haste(Inbox* inbox);
    ~Haste();
    Haste(const Haste&) = delete;
    Haste& operator=(const Haste&) = delete;

   private:
    Inbox* inbox_;
  };

  // From now on nothing is taken and nobody waits. What is in here is dropped.
  void close();

  // After `close`: returns when the handler has, and the thread is gone. What Paho still puts falls into nothing.
  void join();

 private:
  void work();

  Handler handler_;
  std::mutex mutex_;  // guards all below but the thread; held over no call
  std::condition_variable filled_;
  std::condition_variable drained_;
  std::deque<Arrived> messages_;
  std::size_t octets_ = 0;  // of `messages_`
  int in_haste_ = 0;
  bool closed_ = false;
  std::thread thread_;
};

}  // namespace beacon_gateway::mqtt
