# Builds for 64-bit ARM (Raspberry Pi 4 and 5, most shop boxes) with Debian's cross compiler and its :arm64 libraries,
# side by side with the native ones (multiarch): no sysroot. `./dev cross arm64` installs them.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)

set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)

# Programs run here, libraries are found where multiarch has them.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_PREFIX_PATH /usr/lib/aarch64-linux-gnu/cmake)
set(ENV{PKG_CONFIG_LIBDIR} /usr/lib/aarch64-linux-gnu/pkgconfig:/usr/share/pkgconfig)

# Tests run under user emulation. Without it Catch's discovery registers no test at all and says nothing.
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static)
