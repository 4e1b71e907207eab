// An allocator for tables that are read at random: from half a MiB on, in the kernel's huge pages where it has some.
//
// A lookup of a stranger in a table of a million identities is a miss of the cache, and with pages of 4 KiB one of the
// processor's page tables beside it: `./dev bench "recognise/new stranger"` shows about a tenth less without the
// latter. Where the kernel has none (transparent_hugepage = never) all is as with std::allocator.
#pragma once

#include <cstddef>
#include <memory>

namespace beacon_gateway {

[[nodiscard]] bool worth_large_pages(std::size_t octets);
// Throws std::bad_alloc. For `free_large_pages`.
[[nodiscard]] void* allocate_large_pages(std::size_t octets);
void free_large_pages(void* room);

template <class T>
struct LargePageAllocator {
  using value_type = T;

  LargePageAllocator() = default;
  template <class Other>
  explicit LargePageAllocator(const LargePageAllocator<Other>& /*same*/) {}

  [[nodiscard]] T* allocate(std::size_t count) {
    if (worth_large_pages(count * sizeof(T))) return static_cast<T*>(allocate_large_pages(count * sizeof(T)));
    return std::allocator<T>{}.allocate(count);
  }
  void deallocate(T* room, std::size_t count) {
    if (worth_large_pages(count * sizeof(T))) return free_large_pages(room);
    std::allocator<T>{}.deallocate(room, count);
  }
  friend bool operator==(const LargePageAllocator&, const LargePageAllocator&) { return true; }
};

}  // namespace beacon_gateway
