using System.Buffers.Binary;

namespace Samovar.Serialization.Closures;

/// <summary>Enumerates the instructions of a method body that reference a type, method or field (ECMA-335, III).</summary>
internal ref struct IlTokens(ReadOnlySpan<byte> code)
{
    private const int TwoBytes = 0xFE00; // the first byte of a two-byte instruction
    private const int StoreField = 0x7D;
    private const int Switch = 0x45;

    private ReadOnlySpan<byte> _rest = code;

    /// <summary>The metadata token in the current instruction.</summary>
    public int Token { get; private set; }

    /// <summary>Whether the current instruction stores into a field.</summary>
    public bool IsStore { get; private set; }

    /// <summary>Whether the body contains an instruction that the standard does not define, so that the rest cannot be decoded.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Advances to the next instruction with a token; returns false at the end.</summary>
    public bool MoveNext()
    {
        while (!_rest.IsEmpty)
        {
            int operation = _rest[0];
            int length = 1;
            if (operation == TwoBytes >> 8 && _rest.Length > 1)
            {
                operation = TwoBytes | _rest[1];
                length = 2;
            }

            int operand = OperandBytes(operation);
            if (operation == Switch && _rest.Length >= 5)
                operand = sizeof(int) + (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(_rest[1..]) * (long)sizeof(int), int.MaxValue - 8);
            if (operand < 0 || operand > _rest.Length - length)
            {
                IsLost = true;
                return false;
            }

            var value = _rest.Slice(length, operand);
            _rest = _rest[(length + operand)..];
            if (!HasToken(operation)) continue;
            Token = BinaryPrimitives.ReadInt32LittleEndian(value);
            IsStore = operation == StoreField;
            return true;
        }

        return false;
    }

    /// <summary>Whether the operand is the token of a type, method or field, not of a string or a signature.</summary>
    internal static bool HasToken(int operation) => operation switch
    {
        0x27 or 0x28 => true, // jmp, call
        0x6F or 0x70 or 0x71 or 0x73 or 0x74 or 0x75 or 0x79 => true, // callvirt, cpobj, ldobj, newobj, castclass, isinst, unbox
        >= 0x7B and <= 0x81 => true, // ldfld … stobj
        0x8C or 0x8D or 0x8F or 0xA3 or 0xA4 or 0xA5 => true, // box, newarr, ldelema, ldelem, stelem, unbox.any
        0xC2 or 0xC6 or 0xD0 => true, // refanyval, mkrefany, ldtoken
        0xFE06 or 0xFE07 or 0xFE15 or 0xFE16 or 0xFE1C => true, // ldftn, ldvirtftn, initobj, constrained, sizeof
        _ => false,
    };

    /// <summary>Returns the size of the operand, in bytes; −1 if there is no such instruction. The jump table of a switch is not included.</summary>
    internal static int OperandBytes(int operation) => operation switch
    {
        _ when HasToken(operation) => 4,
        >= 0x0E and <= 0x13 or 0x1F or (>= 0x2B and <= 0x37) or 0xDE or 0xFE12 or 0xFE19 => 1, // short forms; unaligned, no
        >= 0xFE09 and <= 0xFE0E => 2, // ldarg … stloc
        0x20 or 0x22 or 0x29 or (>= 0x38 and <= 0x45) or 0x72 or 0xDD => 4, // ldc.i4, ldc.r4, calli, branches, switch, ldstr, leave
        0x21 or 0x23 => 8, // ldc.i8, ldc.r8
        0x24 or 0x77 or 0x78 or (>= 0xA6 and <= 0xB2) or (>= 0xBB and <= 0xC1) or 0xC4 or 0xC5 or (>= 0xC7 and <= 0xCF) => -1,
        >= 0xE1 and <= 0xFF or 0xFE08 or 0xFE10 or 0xFE1B or > 0xFE1E => -1,
        _ => 0,
    };
}
