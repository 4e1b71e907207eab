#include "tests/fakes/child_process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

#include "tests/fakes/loopback.hpp"

namespace beacon_gateway_test {

namespace {

Socket appending(const std::filesystem::path& file) {
  Socket descriptor(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!descriptor) throw std::system_error(errno, std::generic_category(), file.string());
  return descriptor;
}

}  // namespace

ChildProcess::ChildProcess(std::vector<std::string> command, const std::filesystem::path& output,
                           const std::filesystem::path& errors) {
  const auto out = appending(output);
  const auto err = appending(errors);
  std::vector<char*> words;
  for (std::string& word : command) words.push_back(word.data());
  words.push_back(nullptr);
  process_ = ::fork();
  if (process_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (process_ > 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(out.get(), STDOUT_FILENO);
  ::dup2(err.get(), STDERR_FILENO);
  ::execv(words[0], words.data());
  ::_exit(EXIT_FAILURE);
}

ChildProcess::~ChildProcess() {
  signal(SIGKILL);
  wait();
}

void ChildProcess::signal(int number) const {
  if (process_ > 0) ::kill(process_, number);
}

bool ChildProcess::exited() {
  if (process_ > 0 && ::waitpid(process_, nullptr, WNOHANG) == process_) process_ = -1;
  return process_ < 0;
}

void ChildProcess::wait() {
  if (process_ > 0) ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

}  // namespace beacon_gateway_test
