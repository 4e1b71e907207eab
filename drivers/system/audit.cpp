#include "drivers/system/audit.hpp"

#include <syslog.h>

namespace beacon_gateway::system {

void write_audit_line(const std::string& text) {
  ::openlog("beacon-gateway", LOG_PID, LOG_AUTHPRIV);
  ::syslog(LOG_NOTICE, "%s", text.c_str());
  ::closelog();
}

}  // namespace beacon_gateway::system
