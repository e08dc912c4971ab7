#pragma once

#include <functional>
#include <string>
#include <vector>

#include "child.h"

namespace weir::bench {

/// What a bench works with.
struct Bench {
  std::string weir;    ///< the binary
  std::string floor;   ///< a program that links the same libraries and does nothing
  std::string folder;  ///< for files; in memory where there is such a file system
  int rounds = 7;
  bool full = false;  ///< the long form of what takes long

  /// Writes a file into the folder and returns its path.
  [[nodiscard]] std::string file(const std::string& name, const std::string& text) const;
  /// Runs weir on a config and ends the program with a message when it fails.
  [[nodiscard]] Cost run_config(const std::string& config, bool watch_stdout = false) const;
};

/// Prints a line of the table: the limit, weir, their ratio, and what is asked for.
void print(const std::string& target, const std::string& what, double limit, double weir,
           const char* unit, double ratio, const std::string& asked);

[[nodiscard]] double median(std::vector<double> values);
/// Measures both in turn, `rounds` times; returns the medians of each and of their quotients a/b.
struct Pair {
  double a, b, ratio;
};
[[nodiscard]] Pair in_turn(int rounds, const std::function<double()>& a,
                           const std::function<double()>& b);

/// Lines of about 195 bytes, ten flat members; the same for the same seed.
[[nodiscard]] std::string flat_lines(std::size_t count);

// The targets. Each prints its own lines.
void file_to_file(const Bench& bench);    // T1, and CPU per message
void two_workers(const Bench& bench);     // T8
void http_ingest(const Bench& bench);     // T14
void latency(const Bench& bench);         // T15
void start_and_idle(const Bench& bench);  // T16, T17
void steady_memory(const Bench& bench);   // T18

}  // namespace weir::bench
