using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Runtime.CompilerServices;
using Samovar.Primitives;

namespace Samovar.Serialization.Closures;

/// <summary>Determines from a module's IL which captured variables a lambda can read. Safe for any thread.</summary>
/// <remarks>
/// <para>A closure has no name in C#, so only compiler-generated code can use one: the lambda itself, the lambdas and local functions that it
/// uses, and their state machines if they are asynchronous or iterators. The walk starts at the lambda and follows the members that this code
/// references. A closure field that none of this code references, except to store into it, is never read.</para>
/// <para>The walk does not follow a captured delegate over the same closure: that delegate is serialized separately, with the fields that it
/// reads.</para>
/// <para>Members are looked up in the metadata, not by reflection, which would load the types and assemblies that the code uses.</para>
/// </remarks>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed unsafe class ClosureCode
{
    private const int MostMethods = 1000;

    private const int TypeTable = 0x02;
    private const int FieldTable = 0x04;
    private const int MethodTable = 0x06;
    private const int MemberTable = 0x0A;
    private const int TypeSpecTable = 0x1B;
    private const int MethodSpecTable = 0x2B;

    private static readonly ConditionalWeakTable<Module, ClosureCode> known = new();

    private readonly ConcurrentDictionary<int, HashSet<int>?> _reads = new();
    private readonly Module _module;
    private readonly MetadataReader? _metadata;

    private ClosureCode(Module module)
    {
        _module = module;
        if (module == module.Assembly.ManifestModule && module.Assembly.TryGetRawMetadata(out byte* start, out int length))
            _metadata = new MetadataReader(start, length);
    }

    /// <summary>Returns the tokens of all closure fields that a method of a closure can read, itself or through the code that it uses; null if
    /// unknown.</summary>
    public static IReadOnlySet<int>? ReadsOf(MethodInfo method) =>
        known.GetValue(method.Module, static m => new ClosureCode(m)).Reads(method.MetadataToken);

    private HashSet<int>? Reads(int method)
    {
        if (_metadata is null) return null;
        if (_reads.TryGetValue(method, out var reads)) return reads;
        try
        {
            reads = new Walk(_module, _metadata).From(method);
        }
        catch (Exception e) when (e is BadImageFormatException or NotSupportedException or InvalidOperationException or IOException or TypeLoadException or ArgumentException)
        {
            reads = null; // the code is unreadable or uses an assembly that is not installed: all captured variables travel
        }

        return _reads.GetOrAdd(method, reads);
    }

    /// <summary>One walk over the methods that can use a closure.</summary>
    [RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
    private sealed class Walk(Module module, MetadataReader metadata)
    {
        private readonly HashSet<int> _reads = [];
        private readonly HashSet<int> _methods = [];
        private readonly HashSet<int> _machines = [];
        private readonly Queue<int> _open = new();

        public HashSet<int>? From(int method)
        {
            Open(method);
            while (_open.TryDequeue(out int next))
            {
                if (_methods.Count > MostMethods || module.ResolveMethod(next)?.GetMethodBody()?.GetILAsByteArray() is not { } code)
                    return null;
                var tokens = new IlTokens(code);
                while (tokens.MoveNext()) Follow(MetadataTokens.EntityHandle(tokens.Token), tokens.IsStore);
                if (tokens.IsLost) return null;
            }

            return _reads;
        }

        private void Open(int method)
        {
            if (_methods.Add(method)) _open.Enqueue(method);
        }

        private void Follow(EntityHandle handle, bool isStore)
        {
            switch (MetadataTokens.GetToken(handle) >>> 24)
            {
                case FieldTable:
                    FollowField((FieldDefinitionHandle)handle, isStore);
                    break;
                case MethodTable:
                    FollowMethod((MethodDefinitionHandle)handle);
                    break;
                case MethodSpecTable:
                    Follow(metadata.GetMethodSpecification((MethodSpecificationHandle)handle).Method, isStore);
                    break;
                case MemberTable:
                    FollowMember(metadata.GetMemberReference((MemberReferenceHandle)handle), isStore);
                    break;
                case TypeTable:
                    FollowMachine((TypeDefinitionHandle)handle);
                    break;
                case TypeSpecTable when Definition((TypeSpecificationHandle)handle) is { IsNil: false } type:
                    FollowMachine(type);
                    break;
            }
        }

        private void FollowField(FieldDefinitionHandle field, bool isStore)
        {
            var type = metadata.GetFieldDefinition(field).GetDeclaringType();
            if (!metadata.StringComparer.StartsWith(metadata.GetTypeDefinition(type).Name, ClosureType.Prefix))
                FollowMachine(type);
            else if (!isStore) _reads.Add(MetadataTokens.GetToken(field));
        }

        private void FollowMethod(MethodDefinitionHandle method)
        {
            var definition = metadata.GetMethodDefinition(method);
            var type = definition.GetDeclaringType();
            if (FollowMachine(type)) return;

            // The compiler gives lambdas and local functions, or the classes that contain them, names that are not valid in C#.
            if (metadata.StringComparer.StartsWith(definition.Name, "<") || metadata.StringComparer.StartsWith(metadata.GetTypeDefinition(type).Name, "<>c"))
                Open(MetadataTokens.GetToken(method));
        }

        // A reference to a member of a generic class contains its name, which is the same in the class's definition.
        private void FollowMember(MemberReference member, bool isStore)
        {
            if (member.Parent.Kind != HandleKind.TypeSpecification || Definition((TypeSpecificationHandle)member.Parent) is not { IsNil: false } type)
                return;
            var definition = metadata.GetTypeDefinition(type);
            string name = metadata.GetString(member.Name);
            if (member.GetKind() == MemberReferenceKind.Field)
            {
                foreach (var field in definition.GetFields())
                {
                    if (metadata.StringComparer.Equals(metadata.GetFieldDefinition(field).Name, name))
                        FollowField(field, isStore);
                }

                return;
            }

            foreach (var method in definition.GetMethods())
            {
                if (metadata.StringComparer.Equals(metadata.GetMethodDefinition(method).Name, name)) FollowMethod(method);
            }
        }

        // Follows all methods of the state machine of an iterator or an asynchronous method, because any of them may run.
        private bool FollowMachine(TypeDefinitionHandle type)
        {
            var definition = metadata.GetTypeDefinition(type);
            if (!metadata.StringComparer.StartsWith(definition.Name, "<") || metadata.StringComparer.StartsWith(definition.Name, "<>"))
                return false;
            if (_machines.Add(MetadataTokens.GetToken(type)))
            {
                foreach (var method in definition.GetMethods()) Open(MetadataTokens.GetToken(method));
            }

            return true;
        }

        // Returns the generic class in this module that a type instantiates; nil for types of other modules, arrays and type parameters.
        private TypeDefinitionHandle Definition(TypeSpecificationHandle type)
        {
            var blob = metadata.GetBlobReader(metadata.GetTypeSpecification(type).Signature);
            if (blob.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance) return default;
            blob.ReadByte(); // class or value type
            var generic = blob.ReadTypeHandle();
            return generic.Kind == HandleKind.TypeDefinition ? (TypeDefinitionHandle)generic : default;
        }
    }
}
