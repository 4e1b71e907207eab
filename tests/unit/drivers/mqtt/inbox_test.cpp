#include "drivers/mqtt/inbox.hpp"

#include <algorithm>
#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>
#include <vector>

#include "tests/catch.hpp"

using beacon_gateway::mqtt::Inbox;
using namespace std::chrono_literals;

namespace {

// Takes what the inbox hands over, when told to.
class Reader {
 public:
  void operator()(const Inbox::Arrived& message) {
    std::unique_lock lock(mutex_);
    entered_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return released_; });
    seen_.push_back({message.topic, {}, {}, {}, message.dropped});
    changed_.notify_all();
  }
  void release() {
    const std::lock_guard lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }
  void wait_until_entered() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return entered_; });
  }
  std::vector<Inbox::Arrived> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return seen_.size() >= count; });
    return seen_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool entered_ = false;
  bool released_ = false;
  std::vector<Inbox::Arrived> seen_;
};

Inbox::Handler handing_to(Reader& reader) {
  return [&reader](const Inbox::Arrived& message) { reader(message); };
}

std::chrono::steady_clock::duration time_of(const std::function<void()>& call) {
  const auto began = std::chrono::steady_clock::now();
  call();
  return std::chrono::steady_clock::now() - began;
}

// One message with the reader, and the room used up behind it; how long that took.
std::chrono::steady_clock::duration fill(Inbox& inbox, Reader& reader) {
  inbox.put({"first", ""});
  reader.wait_until_entered();
  return time_of([&] { inbox.put({"large", std::string(Inbox::kRoom, 'x')}); });
}

}  // namespace

TEST_CASE("messages are handed over in their order") {
  Reader reader;
  Inbox inbox(handing_to(reader));
  reader.release();
  for (const char* topic : {"a", "b", "c"}) inbox.put({topic, "text"});
  const auto seen = reader.wait_for(3);
  CHECK(seen[0].topic == "a");
  CHECK(seen[2].topic == "c");
  CHECK_FALSE(seen[2].dropped);
}

TEST_CASE("without room the giver waits a pause, and not for ever") {
  Reader reader;
  Inbox inbox(handing_to(reader));
  CHECK(fill(inbox, reader) < Inbox::kPause);
  CHECK(time_of([&] { inbox.put({"b", ""}); }) >= Inbox::kPause);
  reader.release();
  CHECK(reader.wait_for(3)[2].topic == "b");
}

TEST_CASE("past the last bound contents are dropped, and each is told") {
  Reader reader;
  Inbox inbox(handing_to(reader));
  fill(inbox, reader);
  const std::string payload(Inbox::kMost - Inbox::kRoom, 'x');
  inbox.put({"dropped", payload});
  inbox.put({"small", ""});
  reader.release();
  const auto seen = reader.wait_for(4);
  CHECK_FALSE(seen[1].dropped);
  CHECK(seen[2].dropped);
  CHECK_FALSE(seen[3].dropped);
}

TEST_CASE("closing ends every wait and waits for nobody but the handler") {
  Reader reader;
  std::optional<Inbox> inbox(std::in_place, handing_to(reader));
  fill(*inbox, reader);
  auto waiting = std::async(std::launch::async, [&] { inbox->put({"late", ""}); });
  inbox->close();
  waiting.get();
  inbox->put({"later", ""});
  reader.release();
  inbox.reset();
  CHECK(reader.wait_for(1).size() == 1);
}

TEST_CASE("whoever is in haste ends a pause, and none begins before he is through") {
  Reader reader;
  Inbox inbox{handing_to(reader)};
  (void)fill(inbox, reader);
  constexpr int kMessages = 100;
  const auto took = time_of([&] {
    const Inbox::Haste haste{&inbox};
    for (int i = 0; i < kMessages; ++i) inbox.put({"small", "x"});
  });
  CHECK(took < kMessages * Inbox::kPause / 2);
  reader.release();
}
