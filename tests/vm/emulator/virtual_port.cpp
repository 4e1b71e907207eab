#include "tests/vm/emulator/virtual_port.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace beacon_gateway_vm {
namespace {

constexpr const char* kDevice = "/dev/vhci";
constexpr std::uint8_t kVendorPacket = 0xFF;  // HCI_VENDOR_PKT: between the device and us
constexpr std::uint8_t kPrimary = 0x00;       // an ordinary controller

}  // namespace

VirtualPort::VirtualPort() : descriptor_(::open(kDevice, O_RDWR | O_CLOEXEC | O_NONBLOCK)) {
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), kDevice);
  write({kVendorPacket, kPrimary});
}

VirtualPort::~VirtualPort() {
  ::close(descriptor_);
}

std::optional<Octets> VirtualPort::read() {
  std::array<std::uint8_t, 4096> buffer{};
  const ssize_t length = ::read(descriptor_, buffer.data(), buffer.size());
  if (length <= 0) return std::nullopt;
  Octets packet(buffer.begin(), buffer.begin() + length);
  if (packet[0] != kVendorPacket) return packet;
  if (packet.size() >= 4) index_ = packet[2] | packet[3] << 8;
  return Octets{};  // no business of the controller's
}

void VirtualPort::write(const Octets& packet) {
  if (::write(descriptor_, packet.data(), packet.size()) < 0) ++lost_;
}

}  // namespace beacon_gateway_vm
