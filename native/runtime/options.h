// Switches that the environment sets. Included by kernels, so it declares only.
#pragma once

namespace gemmule {

/// Whether convolutions may use Winograd's algorithm (1e-6 to 3e-6 of the largest result in error, direct
/// sums about 4e-7). GEMMULE_WINOGRAD=0 turns it off.
bool winogradAllowed();

}  // namespace gemmule
