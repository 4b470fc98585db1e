namespace Samovar.Cli.Map.Shell;

/// <summary>A part of a path. Only the text is split; nothing is read from the disk.</summary>
internal enum PathPart : byte
{
    Whole,

    /// <summary><c>a/b.c</c> of <c>a/b.c.d</c>. A name that starts with its only dot has no extension.</summary>
    WithoutExtension,

    /// <summary><c>b.c</c> of <c>a/b.c</c>.</summary>
    Name,

    /// <summary><c>a</c> of <c>a/b.c</c>; <c>.</c> without a slash.</summary>
    Folder,

    /// <summary><c>b</c> of <c>a/b.c</c>.</summary>
    NameWithoutExtension,
}

/// <summary>Splits paths as GNU parallel does.</summary>
internal static class PathParts
{
    /// <summary>The suffixes that select a part, the longest first.</summary>
    public static IReadOnlyList<(string Suffix, PathPart Part)> Suffixes { get; } =
        [("//", PathPart.Folder), ("/.", PathPart.NameWithoutExtension), ("/", PathPart.Name), (".", PathPart.WithoutExtension)];

    public static string Of(string path, PathPart part) => part switch
    {
        PathPart.WithoutExtension => WithoutExtension(path),
        PathPart.Name => Name(path),
        PathPart.Folder => Folder(path),
        PathPart.NameWithoutExtension => WithoutExtension(Name(path)),
        _ => path,
    };

    private static string WithoutExtension(string path)
    {
        int name = path.LastIndexOf('/') + 1;
        int dot = path.LastIndexOf('.');
        return dot > name ? path[..dot] : path;
    }

    private static string Name(string path)
    {
        string trimmed = path.TrimEnd('/');
        return trimmed.Length == 0 ? path : trimmed[(trimmed.LastIndexOf('/') + 1)..];
    }

    private static string Folder(string path)
    {
        string trimmed = path.TrimEnd('/');
        int slash = trimmed.LastIndexOf('/');
        if (slash < 0) return trimmed.Length == 0 && path.Length > 0 ? "/" : ".";
        string folder = trimmed[..slash].TrimEnd('/');
        return folder.Length == 0 ? "/" : folder;
    }
}
