using System.Runtime.CompilerServices;

namespace Samovar.Cluster.Protocol;

/// <summary>Identifies the build of a program, see <see cref="ProgramBuild"/>.</summary>
internal readonly record struct BuildId
{
    public const int Size = 32;

    private readonly Hash _hash;

    private BuildId(Hash hash) => _hash = hash;

    public static BuildId Read(ReadOnlySpan<byte> bytes)
    {
        Hash hash = default;
        bytes[..Size].CopyTo(hash);
        return new BuildId(hash);
    }

    public void CopyTo(Span<byte> place) => ((ReadOnlySpan<byte>)_hash).CopyTo(place);

    public bool Equals(BuildId other) => ((ReadOnlySpan<byte>)_hash).SequenceEqual(other._hash);

    public override int GetHashCode()
    {
        var code = new HashCode();
        code.AddBytes(_hash);
        return code.ToHashCode();
    }

    /// <summary>Returns all hexadecimal digits.</summary>
    public string ToHexadecimal() => Convert.ToHexStringLower((ReadOnlySpan<byte>)_hash);

    /// <summary>Returns the first 12 hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(((ReadOnlySpan<byte>)_hash)[..6]);

    [InlineArray(Size)]
    private struct Hash
    {
        private byte _first;
    }
}
