// SPDX-License-Identifier: Apache-2.0

internal import CKernels

/// Which instruction set a code runs on; all give the same bytes, so only tests and measurements
/// choose one.
public enum KernelLevel: Int, Sendable, CaseIterable, Comparable {
    /// Plain C.
    case portable
    /// 256-bit look-ups.
    case avx2
    /// 512-bit bit-matrix products.
    case gfni512

    /// Whether this processor has it.
    public var isSupported: Bool { ck_leopard_supports(kernel) }

    /// The fastest one that this processor has.
    public static let best: KernelLevel = allCases.last(where: \.isSupported) ?? .portable

    /// From the slowest to the fastest.
    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }

    var kernel: ck_leopard_level {
        switch self {
        case .portable: CK_LEOPARD_PORTABLE
        case .avx2: CK_LEOPARD_AVX2
        case .gfni512: CK_LEOPARD_GFNI512
        }
    }
}
