// Asks whoever may do more than the daemon: writes the adapter's name ("hci0") into the file `radio-help` of the
// runtime directory, for which systemd/beacon-gateway-radio-help.path waits where it is installed. Without a runtime
// directory
// ($RUNTIME_DIRECTORY) nobody could be waiting, and nothing is done.
#pragma once

#include <string>

namespace beacon_gateway::system {

// False: nobody was asked; errno says why where there is a runtime directory.
bool ask_for_radio_help(const std::string& adapter);

}  // namespace beacon_gateway::system
