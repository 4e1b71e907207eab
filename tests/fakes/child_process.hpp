// A program as a child process. It dies with its owner, and with the thread that started it.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace beacon_gateway_test {

class ChildProcess {
 public:
  // `command`: the program, by its whole path, and its arguments. What it prints and its errors are appended to the
  // files. Throws std::system_error. That a program cannot be run is seen by its exit status.
  ChildProcess(std::vector<std::string> command, const std::filesystem::path& output,
               const std::filesystem::path& errors);
  ~ChildProcess();  // SIGKILL
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  void signal(int number) const;
  [[nodiscard]] bool exited();  // does not wait
  void wait();                  // for its end

 private:
  pid_t process_;  // -1: it has ended
};

}  // namespace beacon_gateway_test
