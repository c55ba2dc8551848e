// SPDX-License-Identifier: Apache-2.0

internal import CKernels

/// The only callers of the kernels of sums; every length is checked here.
extension LinearSums {
    /// The sums of `count` rows of `size` bytes, a multiple of 512, that are `stride` bytes apart.
    ///
    /// `sums` has room for 16 bytes a row.
    public static func compute(
        rows: UnsafePointer<UInt8>, stride: Int, count: Int, size: Int, factors: SumFactors,
        into sums: UnsafeMutablePointer<UInt8>
    ) {
        precondition(size >= 0 && size.isMultiple(of: 512), "rows of whole shares")
        precondition(count >= 0 && stride >= size, "rows that do not overlap")
        precondition(
            factors.pieces.count == size / LeopardKernels.pieceSize * sizeBytes,
            "a factor for each piece of a row")
        let tables = factors.isWide ? SumTables.wide : SumTables.narrow
        tables.basis.withUnsafeBufferPointer { basis in
            tables.elements.withUnsafeBufferPointer { elements in
                tables.symbols.withUnsafeBufferPointer { symbols in
                    var field = ck_sidecar_field(
                        basis: basis.baseAddress, elements: elements.baseAddress,
                        symbols: symbols.baseAddress, reduction: tables.reduction,
                        to_product: tables.toProduct, from_product: tables.fromProduct)
                    if !factors.matrices.isEmpty {
                        ck_sidecar8_product_sums(
                            &field, rows, stride, count, size, factors.matrices, factors.weights,
                            sums)
                    } else {
                        let kernel = factors.isWide ? ck_sidecar16_sums : ck_sidecar8_sums
                        kernel(&field, rows, stride, count, size, factors.coefficients, sums)
                    }
                }
            }
        }
    }
}

/// What the coefficients of sums are products of, in the form that a level's kernel reads.
public struct SumFactors: Sendable {
    /// 16 bytes for each 64-byte piece of a row.
    public let pieces: [UInt8]
    /// 16 bytes for each symbol of a piece: 64 of GF(2^8), 32 of GF(2^16).
    public let places: [UInt8]
    /// Whether symbols are of 16 bits.
    public let isWide: Bool
    /// For the kernel of bit matrices, over GF(2^8): 16 for each piece, and the places lane by lane.
    fileprivate private(set) var matrices: [UInt64] = []
    fileprivate private(set) var weights: [UInt8] = []
    /// For the others: 16 bytes for each symbol.
    fileprivate private(set) var coefficients: [UInt8] = []

    /// How many places a piece has.
    public static func placeCount(isWide: Bool) -> Int { isWide ? 32 : 64 }

    /// Takes the factors of a row's pieces, two at least, and of the places in a piece.
    public init(pieces: [UInt8], places: [UInt8], isWide: Bool, level: KernelLevel = .best) {
        let size = LinearSums.sizeBytes
        precondition(pieces.count.isMultiple(of: 2 * size), "a factor for each piece of a share")
        precondition(
            places.count == Self.placeCount(isWide: isWide) * size, "a factor for each place")
        precondition(level.isSupported, "a level that this processor has")
        self.pieces = pieces
        self.places = places
        self.isWide = isWide
        guard level == .gfni512, !isWide else {
            coefficients = LinearSums.coefficients(of: self)
            return
        }
        let products = SumTables.narrow.products
        matrices = pieces.map { products[Int($0)] }
        weights = (0..<size).flatMap { lane in (0..<64).map { places[$0 * size + lane] } }
    }
}

/// A field in the tables that kernels of sums read.
private struct SumTables: Sendable {
    let basis: [UInt16]
    let elements: [UInt16]
    let symbols: [UInt16]
    let reduction: UInt16
    /// GF(2^8): what multiplies by each symbol, as a bit matrix.
    let products: [UInt64]
    let toProduct: UInt64
    let fromProduct: UInt64

    static let narrow = SumTables(GaloisField8.self)
    static let wide = SumTables(GaloisField16.self)

    init<Field: BinaryField>(_ field: Field.Type) {
        basis = Field.basis.map { UInt16($0) }
        reduction = UInt16(truncatingIfNeeded: Field.polynomial)
        let bytes = Field.bits / 8
        let elementOfByte = (0..<256 * bytes).map { index in
            UInt16(Field.element(Field.Symbol(index & 0xFF) << (8 * (index >> 8))))
        }
        elements = elementOfByte
        symbols = Self.inverse(of: elementOfByte)
        guard bytes == 1 else {
            (toProduct, fromProduct) = (0, 0)
            products = []
            return
        }
        products = (0...255).map { factor in
            KernelFactors(linear: { GaloisField8.product(factor, $0) }).matrices[0]
        }
        let there = ProductField.isomorphism(from: elementOfByte.map { UInt8($0) })
        var back = [UInt8](repeating: 0, count: 256)
        for symbol in 0..<256 { back[Int(there[symbol])] = UInt8(symbol) }
        toProduct = KernelFactors(linear: { there[Int($0)] }).matrices[0]
        fromProduct = KernelFactors(linear: { back[Int($0)] }).matrices[0]
    }

    /// The symbols of elements that have one byte other than zero, from the reverse.
    private static func inverse(of elements: [UInt16]) -> [UInt16] {
        var symbols = [UInt16](repeating: 0, count: elements.count)
        guard elements.count > 256 else {
            for symbol in 0..<256 { symbols[Int(elements[symbol])] = UInt16(symbol) }
            return symbols
        }
        for low in 0..<256 {
            for high in 0..<256 {
                let element = elements[low] ^ elements[256 + high]
                let symbol = UInt16(low | high << 8)
                if element < 256 { symbols[Int(element)] = symbol }
                if element & 0xFF == 0 { symbols[256 + Int(element >> 8)] = symbol }
            }
        }
        return symbols
    }
}

/// The field that GF2P8MULB multiplies in: polynomials modulo x⁸ + x⁴ + x³ + x + 1.
private enum ProductField {
    static func product(_ a: UInt8, _ b: UInt8) -> UInt8 {
        var product: UInt8 = 0
        for bit in (0..<8).reversed() {
            product = product << 1 ^ (product >> 7) * 0x1B
            if b >> bit & 1 == 1 { product ^= a }
        }
        return product
    }

    /// What each symbol of GF(2^8) is here: x goes to a root of the other field's polynomial.
    static func isomorphism(from elements: [UInt8]) -> [UInt8] {
        let root = (2...255).lazy.map { UInt8($0) }.first { root in
            value(of: GaloisField8.polynomial, at: root) == 0
        }
        guard let root else { preconditionFailure("fields of one size are the same field") }
        return elements.map { value(of: UInt32($0), at: root) }
    }

    /// A polynomial over GF(2) at a place, by Horner's rule.
    private static func value(of polynomial: UInt32, at place: UInt8) -> UInt8 {
        var value: UInt8 = 0
        for bit in (0...8).reversed() {
            value = product(value, place) ^ UInt8(polynomial >> bit & 1)
        }
        return value
    }
}
