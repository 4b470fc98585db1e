using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Samovar.Primitives;

namespace Samovar.Serialization.Closures;

/// <summary>Identifies code across builds: a hash over the body of a method and over the code that it uses. Safe for any thread.</summary>
/// <remarks>If a body cannot be read or decoded, the identity is the method's position in its module with the module's version, which changes with every
/// change of the program.</remarks>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal static class CodeIdentity
{
    private static readonly ConditionalWeakTable<Module, ConcurrentDictionary<MethodInfo, byte[]>> known = new();

    /// <summary>Returns the identity of a method: 32 bytes.</summary>
    public static byte[] Of(MethodInfo method) =>
        known.GetValue(method.Module, static _ => new()).GetOrAdd(method, static m => Compute(m));

    private static byte[] Compute(MethodInfo method)
    {
        string text;
        try
        {
            text = new CodeWalk(method.Module).Describe(method);
        }
        catch (Exception e) when (e is BadImageFormatException or NotSupportedException or InvalidOperationException or IOException or TypeLoadException
            or ArgumentException or MissingMemberException or UndecodableCodeException)
        {
            // Code that uses an assembly that is not installed, or instructions that the walk does not know.
            text = $"module {method.Module.ModuleVersionId} {method.MetadataToken:x} {method}";
        }

        return SHA256.HashData(Encoding.UTF8.GetBytes(text));
    }
}
