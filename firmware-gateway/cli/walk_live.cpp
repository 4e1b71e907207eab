#include "cli/walk_live.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <ostream>

#include "cli/live_radio.hpp"
#include "settings/calibration_settings.hpp"

namespace beacon_gateway {
namespace {

constexpr Duration kDrawEvery = std::chrono::seconds{1};
constexpr Duration kLevelLasts = std::chrono::seconds{3};  // so long is a level shown after the tag was last heard

constexpr Sentence kStreetPrompt{
    "\n{}/{} Outside. Walk slowly along the whole shop front: close to the window, some steps off, and at the kerb;\n"
    "    and up to each door: first with the tag in your hand, then all again, the other way, with it in your back\n"
    "    pocket. Press Enter to begin.\n",
    "\n{}/{} หน้าร้าน เดินช้า ๆ ตลอดแนวหน้าร้าน ชิดหน้าต่างหนึ่งรอบ ห่างออกมาสองสามก้าวหนึ่งรอบ และริมถนนหนึ่งรอบ\n"
    "    แล้วเดินถึงประตูทุกบาน ครั้งแรกถือแท็กไว้ในมือ แล้วเดินซ้ำทั้งหมดในทิศกลับกัน โดยใส่แท็กไว้ในกระเป๋าหลัง กด Enter เพื่อเริ่ม\n"};
constexpr Sentence kZonePrompt{
    "\n{}/{} Zone {}. Go there; then walk slowly to all its corners, and along the window if it has one: half a\n"
    "    minute with the tag in your hand, then half a minute with it in your back pocket. Press Enter to begin.\n",
    "\n{}/{} โซน {} เดินไปที่นั่น แล้วเดินช้า ๆ ให้ทั่วทุกมุม และเลียบหน้าต่างถ้ามี ถือแท็กไว้ในมือครึ่งนาที\n"
    "    แล้วใส่แท็กไว้ในกระเป๋าหลังอีกครึ่งนาที กด Enter เพื่อเริ่ม\n"};
constexpr Sentence kRecording{"    Recording. Press Enter when you are done.\n", "    กำลังบันทึก เสร็จแล้วกด Enter\n"};
constexpr Sentence kSeconds{"{} s heard", "ได้ยิน {} วินาที"};
constexpr Sentence kNoAnswer{"beacon-gateway: nobody is at the keyboard; the walk was given up\n",
                             "beacon-gateway: ไม่มีใครอยู่ที่แป้นพิมพ์ ยกเลิกการเดินแล้ว\n"};
constexpr Sentence kGivenUp{"beacon-gateway: the walk was given up\n", "beacon-gateway: ยกเลิกการเดินแล้ว\n"};
constexpr Sentence kEnded{"beacon-gateway: the captures have ended, and with them the walk\n",
                          "beacon-gateway: ไฟล์บันทึกจบแล้ว การเดินจึงจบด้วย\n"};

class LiveWalk {
 public:
  LiveWalk(const Shop& shop, LiveRadio& radio, TagListener& tag, const Terminal& terminal, Language language,
           std::ostream& err)
      : shop_(shop),
        radio_(radio),
        tag_(tag),
        terminal_(terminal),
        language_(language),
        err_(err),
        levels_(shop.scanners.size()) {}

  std::optional<std::vector<WalkSighting>> walk() {
    guide();
    if (end_ == End::given_up) return std::nullopt;
    return std::move(sightings_);
  }

 private:
  // Why no more keys are waited for.
  enum class End : std::uint8_t { none, captures_over, given_up };

  struct Level {
    int dbm = 0;
    MonotonicTime heard{};
  };

  void guide() {
    const std::size_t places = shop_.zones.size() + 1;
    for (std::size_t number = 0; number < places && end_ == End::none; ++number) {
      if (number == 0) {
        place_.reset();
        say(kStreetPrompt, 1, places);
      } else {
        place_ = static_cast<ZoneIndex>(number - 1);
        say(kZonePrompt, number + 1, places, place_name(shop_, place_));
      }
      wait_for_enter();
      if (end_ != End::none) return;
      say(kRecording);
      heard_s_ = 0;
      recording_ = true;
      wait_for_enter();
      recording_ = false;
    }
  }

  void wait_for_enter() {
    while (end_ == End::none) {
      radio_.turn([this](const LoopEvent& event) { handle(event); });
      if (radio_.now()) now_ = radio_.now()->monotonic;
      draw();
      const Terminal::Key key = terminal_.key();
      if (key == Terminal::Key::enter) return finish_line();
      if (key == Terminal::Key::closed) end(End::given_up, kNoAnswer);
    }
  }

  void handle(const LoopEvent& event) {
    if (const auto* advertisement = std::get_if<Advertisement>(&event)) {
      hear(*advertisement);
    } else if (const auto* failed = std::get_if<RadioFailed>(&event)) {
      finish_line();
      err_ << fmt::format("beacon-gateway: radio: {}\n", failed->why);
    } else if (std::holds_alternative<RadioFinished>(event)) {
      end(End::captures_over, kEnded);
    } else if (std::holds_alternative<StopRequested>(event)) {
      end(End::given_up, kGivenUp);
    }
  }

  void hear(const Advertisement& advertisement) {
    now_ = std::max(now_, advertisement.instant.monotonic);
    auto sighting = tag_.hear(advertisement);
    if (!sighting) return;
    levels_[sighting->scanner] = Level{sighting->rssi_dbm + shop_.scanners[sighting->scanner].offset_db, now_};
    if (!recording_) return;
    const auto second = std::chrono::floor<std::chrono::seconds>(sighting->at.monotonic);
    if (heard_s_ == 0 || second != newest_second_) ++heard_s_;
    newest_second_ = second;
    sighting->zone = place_;
    sightings_.push_back(*sighting);
  }

  // The levels of this moment, once a second of the walk's own time.
  void draw() {
    if (drawn_ && now_ - *drawn_ < kDrawEvery) return;
    drawn_ = now_;
    std::string line = "   ";
    for (std::size_t i = 0; i < levels_.size(); ++i) {
      const bool heard = levels_[i] && now_ - levels_[i]->heard <= kLevelLasts;
      line += fmt::format(" {} {:>4} ", shop_.scanners[i].adapter, heard ? std::to_string(levels_[i]->dbm) : "-");
    }
    if (recording_) line += ' ' + fmt::format(fmt::runtime(kSeconds.in(language_)), heard_s_);
    constexpr const char* kWriteOver = "\r\x1b[K";  // ECMA-48, 8.3.15 and 8.3.41: to the line's begin, erase the line
    err_ << (terminal_.redraws ? kWriteOver + line : line + '\n') << std::flush;
    line_open_ = terminal_.redraws;
  }

  void finish_line() {
    if (line_open_) err_ << '\n';
    line_open_ = false;
  }

  template <class... Values>
  void say(const Sentence& sentence, const Values&... values) {
    finish_line();
    err_ << fmt::format(fmt::runtime(sentence.in(language_)), values...) << std::flush;
  }

  void end(End why, const Sentence& sentence) {
    if (end_ == End::given_up) return;
    end_ = why;
    say(sentence);
  }

  const Shop& shop_;
  LiveRadio& radio_;
  TagListener& tag_;
  const Terminal& terminal_;
  const Language language_;
  std::ostream& err_;

  std::vector<WalkSighting> sightings_;
  std::vector<std::optional<Level>> levels_;  // by scanner
  std::optional<ZoneIndex> place_;
  bool recording_ = false;
  int heard_s_ = 0;  // of the present place
  std::chrono::time_point<MonotonicClock, std::chrono::seconds> newest_second_{};
  MonotonicTime now_{};
  std::optional<MonotonicTime> drawn_;
  bool line_open_ = false;
  End end_ = End::none;
};

// What is typed and not yet taken.
class Keyboard {
 public:
  Terminal::Key key() {
    read();
    if (enters_ > 0) {
      --enters_;
      return Terminal::Key::enter;
    }
    return closed_ ? Terminal::Key::closed : Terminal::Key::none;
  }

 private:
  void read() {
    pollfd wait{STDIN_FILENO, POLLIN, 0};
    if (closed_ || ::poll(&wait, 1, 0) <= 0) return;
    std::array<char, 256> typed{};
    const ssize_t size = ::read(STDIN_FILENO, typed.data(), typed.size());
    if (size <= 0) closed_ = true;
    for (ssize_t i = 0; i < size; ++i) enters_ += typed[static_cast<std::size_t>(i)] == '\n' ? 1 : 0;
  }

  int enters_ = 0;
  bool closed_ = false;
};

}  // namespace

Terminal standard_terminal() {
  return {[keyboard = Keyboard{}]() mutable { return keyboard.key(); }, ::isatty(STDERR_FILENO) == 1};
}

std::optional<std::vector<WalkSighting>> walk_live(const Settings& settings, const Edges& edges, TagListener& tag,
                                                   const Terminal& terminal, Language language, std::ostream& err) {
  auto radio = edges.make_radio(settings, std::nullopt);
  if (!radio) {
    err << fmt::format("beacon-gateway: {}\n", radio.error());
    return std::nullopt;
  }
  LiveRadio live{settings, edges, std::move(*radio)};
  return LiveWalk{settings.shop, live, tag, terminal, language, err}.walk();
}

}  // namespace beacon_gateway
