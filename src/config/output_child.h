#pragma once

#include <cstdint>
#include <memory>

#include "config/batching.h"
#include "config/registry.h"
#include "config/spec.h"

namespace weir::config {

/// Makes an output as it is used: the component, behind a queue that keeps its max_in_flight(),
/// connects it (again) before use and counts, behind its own `processors` when there are any.
/// Composite outputs (`broker`, `switch`, ...) and the engine make their children with this.
[[nodiscard]] core::Result<std::unique_ptr<core::Output>> make_output_child(
    const Child<core::Output>& child, const Resources& resources);

/// The same around an output that was made already.
[[nodiscard]] std::unique_ptr<core::Output> queued_output(std::unique_ptr<core::Output> output,
                                                          const Resources& resources);

/// Collects messages by a policy in front of an output: for the `batching` field of outputs.
/// Returns the output itself when the policy is off.
[[nodiscard]] core::Result<std::unique_ptr<core::Output>> batched_output(
    std::unique_ptr<core::Output> output, const BatchPolicyConfig& policy,
    const Resources& resources);

/// Waits for a write to end: for callers that have nothing else to do.
[[nodiscard]] core::WriteResult write_and_wait(core::Output& output, core::Batch batch);

}  // namespace weir::config
