// An allocator for tables that are read at random: from half a MiB on, in the kernel's huge pages where it has some.
//
// A lookup of a stranger in a table of a million identities is a miss of the cache, and with pages of 4 KiB one of the
// processor's page tables beside it: `./dev bench "recognise/new stranger"` shows about a tenth less without the
// latter. Where the kernel has none (transparent_hugepage = never) all is as with std::allocator.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <memory>
#include <new>

namespace beacon_gateway {

template <class T>
struct LargePageAllocator {
  using value_type = T;

  // On x86-64, and on arm64 with Debian's pages of 4 KiB.
  static constexpr std::size_t kLargePage = std::size_t{2} << 20U;

  LargePageAllocator() = default;
  template <class Other>
  explicit LargePageAllocator(const LargePageAllocator<Other>& /*same*/) {}

  [[nodiscard]] T* allocate(std::size_t count) {
    if (!large(count)) return std::allocator<T>{}.allocate(count);
    const std::size_t octets = (count * sizeof(T) + kLargePage - 1) / kLargePage * kLargePage;
    void* const room = ::operator new(octets, std::align_val_t{kLargePage});
    // Advice, which a kernel may refuse without harm.
    static_cast<void>(::madvise(room, octets, MADV_HUGEPAGE));
    return static_cast<T*>(room);
  }
  void deallocate(T* room, std::size_t count) {
    if (!large(count)) return std::allocator<T>{}.deallocate(room, count);
    ::operator delete(room, std::align_val_t{kLargePage});
  }
  // From a quarter of a page on: what rounding up gives away is small beside all tables.
  [[nodiscard]] static bool large(std::size_t count) { return count * sizeof(T) >= kLargePage / 4; }
  friend bool operator==(const LargePageAllocator&, const LargePageAllocator&) { return true; }
};

}  // namespace beacon_gateway
