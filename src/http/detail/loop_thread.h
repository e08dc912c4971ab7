#pragma once

namespace weir::http::detail {

/// Blocks every signal on the calling thread: they belong to the main thread. SIGPIPE included.
void block_signals();

}  // namespace weir::http::detail
