// How often a test repeats itself. Under a sanitizer every step costs ten times as much, and what shows there shows early.
#ifndef TEST_SUPPORT_EFFORT_H_
#define TEST_SUPPORT_EFFORT_H_

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define FRP_SANITIZED 1
#endif
#endif

namespace test_support {

// `sanitized` has to be enough for what the test is about.
constexpr int Repetitions(int otherwise, int sanitized) {
#ifdef FRP_SANITIZED
  static_cast<void>(otherwise);
  return sanitized;
#else
  static_cast<void>(sanitized);
  return otherwise;
#endif
}

}  // namespace test_support

#endif  // TEST_SUPPORT_EFFORT_H_
