// SPDX-License-Identifier: Apache-2.0

package import Roles

/// celestia-node's `TxConfig`: every member may be missing, and unknown ones are passed over.
///
/// Specified in Protocol/17-json-rpc.md#gas-price.
package enum SubmitOptionsJSON {
    /// Reads the options; `null` and `{}` leave all to the node.
    package static func decode(_ value: JSONNode) throws(ParameterFault) -> SubmitOptions {
        var options = SubmitOptions()
        if value.isNull { return options }
        guard case .object = value else { throw .mismatch(value, "state.TxConfig") }
        let object = JSONObject(value, "state.TxConfig")
        let price = try price(object, "gas_price")
        // Clients that leave the price to the node send 0 or -1 beside a false flag.
        if object.optional("is_gas_price_set")?.boolean ?? (price ?? 0 > 0) {
            options.gasPriceNano = price
        }
        if let most = try self.price(object, "max_gas_price"), most > 0 {
            options.gasPriceNanoMax = most
        }
        let gas = try object.integer("gas", UInt64.self, default: 0)
        options.gas = gas == 0 ? nil : gas
        options.priority = try object.integer("tx_priority", UInt8.self, default: 0)
        options.keyName = try text(object, "key_name")
        options.signerAddress = try text(object, "signer_address")
        options.feeGranterAddress = try text(object, "fee_granter_address")
        options.idempotencyKey = Array(try text(object, "idempotency_key").utf8)
        return options
    }

    /// Writes what is not left to the node.
    package static func write(_ options: SubmitOptions, to writer: inout JSONWriter) {
        writer.object { writer in
            if let price = options.gasPriceNano {
                writer.member("gas_price") { $0.number(Double(price) / 1_000_000_000) }
                writer.member("is_gas_price_set", true)
            }
            writer.member("max_gas_price") {
                $0.number(Double(options.gasPriceNanoMax) / 1_000_000_000)
            }
            if let gas = options.gas { writer.member("gas", gas) }
            if options.priority != 0 { writer.member("tx_priority", options.priority) }
            if !options.keyName.isEmpty { writer.member("key_name", options.keyName) }
            if !options.signerAddress.isEmpty {
                writer.member("signer_address", options.signerAddress)
            }
            if !options.feeGranterAddress.isEmpty {
                writer.member("fee_granter_address", options.feeGranterAddress)
            }
        }
    }

    private static func price(
        _ object: JSONObject, _ name: String
    ) throws(ParameterFault) -> UInt64? {
        guard let value = object.optional(name) else { return nil }
        return try price(value, name)
    }

    /// utia per gas in billionths; nil for a negative price, which means "not set" to old clients.
    static func price(_ value: JSONNode, _ name: String) throws(ParameterFault) -> UInt64? {
        guard case .number(let number) = value, let price = number.double else {
            throw .mismatch(value, "float64")
        }
        guard price >= 0 else { return nil }
        guard let nano = UInt64(exactly: (price * 1_000_000_000).rounded()) else {
            throw ParameterFault("\(name) is out of range")
        }
        return nano
    }

    private static func text(_ object: JSONObject, _ name: String) throws(ParameterFault) -> String
    {
        guard let value = object.optional(name) else { return "" }
        guard let text = value.text else { throw .mismatch(value, "string") }
        guard text.utf8.count <= 256 else { throw ParameterFault("\(name) is too long") }
        return text
    }
}
