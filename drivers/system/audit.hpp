// Lines that say who looked at what is held of shoppers, or at strangers: in the system's log, as authorisation
// messages.
#pragma once

#include <string>

namespace beacon_gateway::system {

// To syslog(3), facility authpriv. A box without a log has nobody to tell.
void write_audit_line(const std::string& text);

}  // namespace beacon_gateway::system
