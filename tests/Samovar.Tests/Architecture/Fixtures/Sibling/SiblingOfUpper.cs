using Samovar.Tests.Architecture.Fixtures.Upper;

namespace Samovar.Tests.Architecture.Fixtures.Sibling;

public static class SiblingOfUpper
{
    public static void UseASibling() => UpperClass.Call();
}
