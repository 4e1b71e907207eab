// What we ask of a radio: tell what it hears.
#pragma once

#include <functional>
#include <string>

#include "core/advertisement.hpp"
#include "core/radio_status.hpp"

namespace beacon_gateway {

// Where a radio puts what it has to say. Called on the radio's own thread; must not block for long and never throws.
// `heard` answers false when the gateway is stopping: the radio then ends.
struct RadioListener {
  std::function<bool(const Advertisement&)> heard;
  std::function<void()> finished;                       // a capture's end; never from a real radio
  std::function<void(const std::string& why)> failed;   // the radio cannot go on; the rest of the gateway can
  std::function<void(const RadioStatus&)> status = {};  // on every change of state, and regularly; of real radios only
};

class Radio {
 public:
  virtual ~Radio() = default;

  // Starts the radio's thread. At most once.
  virtual void start(RadioListener listener) = 0;

  // Ends and joins the thread; nothing is heard after it returns. Safe before start and twice.
  virtual void stop() = 0;
};

}  // namespace beacon_gateway
