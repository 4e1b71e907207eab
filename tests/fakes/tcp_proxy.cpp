#include "tests/fakes/tcp_proxy.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>

namespace beacon_gateway_test {

namespace {

constexpr int kLookAgainMs = 5;  // how soon a cut is seen
constexpr std::size_t kChunk = 64 * 1024;

}  // namespace

TcpProxy::TcpProxy(std::uint16_t target_port)
    : listener_(listen_on_loopback()), target_port_(target_port), thread_([this] { run(); }) {}

TcpProxy::~TcpProxy() {
  ending_ = true;
  thread_.join();
}

void TcpProxy::cut() {
  whole_ = false;
}
void TcpProxy::mend() {
  whole_ = true;
}

void TcpProxy::run() {
  while (!ending_) {
    if (!whole_) pairs_.clear();
    std::vector<pollfd> watched{{listener_.get(), POLLIN, 0}};
    for (const auto& pair : pairs_) {
      watched.push_back({pair.client.get(), POLLIN, 0});
      watched.push_back({pair.server.get(), POLLIN, 0});
    }
    if (::poll(watched.data(), watched.size(), kLookAgainMs) <= 0 || !whole_) {
      if (!whole_ && watched[0].revents != 0) (void)Socket(::accept(listener_.get(), nullptr, nullptr));
      continue;
    }
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      if (watched[1 + 2 * i].revents != 0) pass_on(pairs_[i], pairs_[i].client, pairs_[i].server);
      if (watched[2 + 2 * i].revents != 0) pass_on(pairs_[i], pairs_[i].server, pairs_[i].client);
    }
    std::erase_if(pairs_, [](const Pair& pair) { return pair.over; });
    if (watched[0].revents != 0) accept();
  }
}

void TcpProxy::accept() {
  Pair pair{Socket(::accept(listener_.get(), nullptr, nullptr)), connect_to_loopback(target_port_)};
  if (pair.client && pair.server) pairs_.push_back(std::move(pair));
}

void TcpProxy::pass_on(Pair& pair, const Socket& from, const Socket& to) {
  std::array<std::byte, kChunk> chunk;
  const auto got = ::recv(from.get(), chunk.data(), chunk.size(), 0);
  if (got <= 0 || ::send(to.get(), chunk.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) != got) pair.over = true;
}

}  // namespace beacon_gateway_test
