#include "core/identity/large_pages.hpp"

#include <sys/mman.h>

#include <new>

namespace beacon_gateway {
namespace {

// On x86-64, and on arm64 with Debian's pages of 4 KiB.
constexpr std::size_t kLargePage = std::size_t{2} << 20U;

}  // namespace

// From a quarter of a page on: what rounding up gives away is small beside all tables.
bool worth_large_pages(std::size_t octets) {
  return octets >= kLargePage / 4;
}

void* allocate_large_pages(std::size_t octets) {
  const std::size_t whole = (octets + kLargePage - 1) / kLargePage * kLargePage;
  void* const room = ::operator new(whole, std::align_val_t{kLargePage});
  // Advice, which a kernel may refuse without harm.
  static_cast<void>(::madvise(room, whole, MADV_HUGEPAGE));
  return room;
}

void free_large_pages(void* room) {
  ::operator delete(room, std::align_val_t{kLargePage});
}

}  // namespace beacon_gateway
