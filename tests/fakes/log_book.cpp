#include "tests/fakes/log_book.hpp"

#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/spdlog.h>

namespace beacon_gateway_test {

namespace {
constexpr std::size_t kLines = 1000;
}

struct LogBook::Pages {
  std::shared_ptr<spdlog::sinks::ringbuffer_sink_mt> sink = std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(kLines);
  std::shared_ptr<spdlog::logger> before = spdlog::default_logger();
};

LogBook::LogBook() : pages_(std::make_unique<Pages>()) {
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("", pages_->sink));
}

LogBook::~LogBook() {
  spdlog::set_default_logger(pages_->before);
}

std::size_t LogBook::count(const std::string& words) const {
  std::size_t found = 0;
  for (const auto& line : pages_->sink->last_formatted())
    if (line.find(words) != std::string::npos) ++found;
  return found;
}

}  // namespace beacon_gateway_test
