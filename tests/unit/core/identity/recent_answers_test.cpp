#include "core/identity/recent_answers.hpp"

#include "tests/catch.hpp"

using namespace beacon_gateway;

TEST_CASE("an answer is given until its second, not at it") {
  RecentAnswers answers{64};
  answers.remember(7, 42, 100, 130);
  CHECK(answers.find(7, 100) == 42U);
  CHECK(answers.find(7, 129) == 42U);
  CHECK_FALSE(answers.find(7, 130));
  CHECK_FALSE(answers.find(8, 100));
  answers.remember(7, 43, 110, 120);
  CHECK(answers.find(7, 110) == 43U);
  CHECK_FALSE(answers.find(7, 120));
  answers.clear();
  CHECK_FALSE(answers.find(7, 110));
}

TEST_CASE("an empty memory knows nothing, not even of a fingerprint of nought, at any second") {
  const RecentAnswers answers{64};
  for (const std::uint32_t now : {0U, 1U, 1'800'000'000U, 4'102'444'800U}) CHECK_FALSE(answers.find(0, now));
}

TEST_CASE("a clock that steps back by a day makes answers end, not last") {
  RecentAnswers answers{64};
  answers.remember(7, 42, 1'800'000'000, 1'800'003'600);
  CHECK(answers.find(7, 1'799'999'999) == 42U);
  CHECK_FALSE(answers.find(7, 1'700'000'000));
}

TEST_CASE("however many are remembered, the room stays the same and the one that ends first makes it") {
  RecentAnswers answers{4};  // one set
  const std::size_t before = answers.memory();
  for (std::uint32_t i = 1; i <= 4; ++i) answers.remember(i, i, 0, 100 + i);
  answers.remember(5, 5, 0, 200);
  CHECK_FALSE(answers.find(1, 0));
  for (std::uint32_t i = 2; i <= 5; ++i) CHECK(answers.find(i, 0) == i);
  for (std::uint32_t i = 6; i < 10'000; ++i) answers.remember(i, i, 0, 300);
  CHECK(answers.memory() == before);
}
