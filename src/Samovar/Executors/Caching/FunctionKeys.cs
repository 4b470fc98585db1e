using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Samovar.Primitives;
using Samovar.Serialization;
using Samovar.Serialization.Closures;

namespace Samovar.Executors.Caching;

/// <summary>Computes the keys of a function's results: SHA-256 over the name and version, the types, the code, the captured values and the argument.
/// Safe for any thread.</summary>
[RequiresDynamicCode(CodeRequirements.Dynamic)]
[UnconditionalSuppressMessage("Trimming", "IL2026", Justification = CodeRequirements.KeptWhole)]
internal sealed class FunctionKeys
{
    private readonly Delegate _work;
    private readonly byte[] _function;
    private readonly bool _hasCaptures;

    /// <exception cref="ArgumentException">The code of the delegate has no identity that other processes could know.</exception>
    public FunctionKeys(string name, string version, Delegate work, Type argument, Type result)
    {
        if (!work.HasSingleTarget)
            throw new ArgumentException($"The function '{name}' consists of {work.GetInvocationList().Length} delegates. Results of a single one can be cached.", nameof(work));
        var method = work.Method;
        if (method.DeclaringType is null || method.Module.Assembly.IsDynamic)
        {
            throw new ArgumentException(
                $"The function '{name}' was created at run time, so its code has no identity for a cache. Use a lambda or a method of a compiled assembly.", nameof(work));
        }

        _work = work;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, name);
        Append(hash, version);
        Append(hash, argument.ToString());
        Append(hash, result.ToString());
        hash.AppendData(CodeIdentity.Of(method));
        _function = hash.GetHashAndReset();
        _hasCaptures = CapturedContent.IsIn(work);
    }

    private FunctionKeys(Delegate work, byte[] function)
    {
        _work = work;
        _function = function;
    }

    /// <summary>Returns keys with the captured values as they are now, for all calls of a map.</summary>
    /// <exception cref="UnshippableException">A captured value cannot be serialized.</exception>
    public FunctionKeys WithCaptures()
    {
        if (!_hasCaptures) return this;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(_function);
        CapturedContent.AppendTo(hash, _work);
        return new FunctionKeys(_work, hash.GetHashAndReset());
    }

    /// <summary>Returns the key for an argument, with the captured values as they are now.</summary>
    /// <exception cref="UnshippableException">The argument or a captured value cannot be serialized.</exception>
    public ResultCacheKey KeyOf<T>(T argument)
    {
        byte[] packed = Shipping.Pack(argument);
        Span<byte> key = stackalloc byte[SHA256.HashSizeInBytes];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(_hasCaptures ? WithCaptures()._function : _function);
        hash.AppendData(packed);
        hash.GetHashAndReset(key);
        return new ResultCacheKey(key);
    }

    private static void Append(IncrementalHash hash, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        hash.AppendData(BitConverter.GetBytes(bytes.Length));
        hash.AppendData(bytes);
    }
}
