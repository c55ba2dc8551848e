// SPDX-License-Identifier: Apache-2.0

import Bytes
import DataSquare

extension SquareOfVector {
    /// Takes a square that was built.
    init(original: OriginalDataSquare) {
        self.original = original
    }
}

extension OriginalDataSquare {
    /// The data root by the definitions of extension and trees.
    var definedDataRoot: Bytes32 {
        get throws { try SquareOfVector(original: self).extended.definedHeader.dataRoot }
    }
}
