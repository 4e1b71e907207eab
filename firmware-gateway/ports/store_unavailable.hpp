// What a store throws when the disk takes nothing just now: full, read-only, or failing. Nothing of the transaction
// happened, reading may still work, and the next try may do better.
//
// An exception although it is foreseen, because it has to pass through whatever was being decided: who catches it (the
// loop, nobody else) throws away what is in memory and goes on from the store, as after a restart.
#pragma once

#include <stdexcept>

namespace beacon_gateway {

class StoreUnavailable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace beacon_gateway
