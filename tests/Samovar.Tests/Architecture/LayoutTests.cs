using System.Reflection;
using Samovar.Hosting;

namespace Samovar.Tests.Architecture;

/// <summary>Holds where types are: what is in a folder's root, what a namespace is called, and that no name is given twice.</summary>
public sealed class LayoutTests
{
    private static readonly Lazy<(Type Type, string Folder)[]> s_types = new(static () =>
    {
        Assembly library = typeof(FutureState).Assembly;
        var folders = new SourceFolders(library, "src/Samovar");
        return [.. library.GetTypes().Where(static type => type.DeclaringType is null).SelectMany(type => folders.Of(type).Select(folder => (type, folder)))];
    });

    [ThreadFact]
    public void A_type_is_in_one_folder() =>
        s_types.Value.CountBy(static place => place.Type).Where(static count => count.Value > 1).Select(static count => count.Key.Name).ShouldBeEmpty();

    /// <summary>But for what a public type there is shipped, shown, read or written by: its name begins with that type's.</summary>
    [ThreadFact]
    public void The_root_of_a_folder_holds_public_types_only()
    {
        string[] divided = [.. s_types.Value.Where(static place => place.Folder.Contains('/', StringComparison.Ordinal)).Select(static place => place.Folder.Split('/')[0]).Distinct()];
        var roots = s_types.Value.Where(place => divided.Contains(place.Folder)).ToLookup(static place => place.Type.IsPublic);

        roots[false].Where(place => !roots[true].Any(face => face.Folder == place.Folder && Plain(place.Type).StartsWith(Plain(face.Type), StringComparison.Ordinal)))
            .Select(static place => $"{place.Folder}/{place.Type.Name}").ShouldBeEmpty();
    }

    [ThreadFact]
    public void The_namespace_of_an_internal_type_is_called_as_its_folder() =>
        s_types.Value.Where(static place => !place.Type.IsPublic && place.Type.Namespace != $"Samovar.{place.Folder.Replace('/', '.')}")
            .Select(static place => $"{place.Type.FullName} is in {place.Folder}").ShouldBeEmpty();

    /// <summary>A type with parameters is called as the one without where both are one thing, and then they are in one namespace.</summary>
    [ThreadFact]
    public void No_two_types_have_the_same_name() =>
        s_types.Value.GroupBy(static place => Plain(place.Type), static place => place.Type.Namespace, StringComparer.Ordinal).Where(static name => name.Distinct().Count() > 1)
            .Select(static name => $"{name.Key} is in {string.Join(", ", name.Distinct())}").ShouldBeEmpty();

    [ThreadFact]
    public void The_package_for_hosts_keeps_the_same_order()
    {
        Assembly hosting = typeof(SamovarBuilder).Assembly;
        var folders = new SourceFolders(hosting, "src/Samovar.Hosting");

        hosting.GetTypes().Where(static type => type.DeclaringType is null)
            .SelectMany(type => folders.Of(type).Select(folder => (Type: type, Wanted: folder.Length == 0 ? "Samovar.Hosting" : $"Samovar.Hosting.{folder.Replace('/', '.')}", IsRoot: folder.Length == 0)))
            .Where(static place => place.Type.Namespace != place.Wanted || place.Type.IsPublic != place.IsRoot)
            .Select(static place => place.Type.FullName).ShouldBeEmpty();
    }

    private static string Plain(Type type) => type.Name.Split('`')[0];
}
